/** A server elsewhere, and how it is asked. */
import type { Method } from '../catalog.ts';
import type { TargetAuth } from './auth.ts';
import type { TargetTls } from './tls.ts';

/**
 * What a request is made of beside its address. Texts are templates: `{token}`, `{var.NAME}` and `{secret.NAME}` are filled
 * in at every attempt; a secret stands nowhere but in the store it is kept in.
 */
export interface TargetRequest {
  /** Of streams and polls; absent: POST where there is a body, else what the dialect says, else GET. */
  httpMethod?: string;
  /** Added to the query of the URL. */
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** As it is sent. */
  body?: string;
  /** Offered by a WebSocket, before those of the dialect. */
  subprotocols?: string[];
  /** What a WebSocket sends at every (re)connect, after what the dialect sends. */
  open?: string[];
}

/** How long parts of an attempt may take, ms. */
export interface TargetTimeouts {
  /** Name, TCP, proxy and TLS; absent: 10 s. */
  connectMs?: number;
  /** From the request to the head of the answer; absent: 30 s. A long poll's hold is added. */
  headMs?: number;
}

export interface RemoteTarget extends TargetRequest {
  kind: 'remote';
  /** How people call it; also the key under which it is kept. */
  name: string;
  /** A base from which the dialect makes each method's URL … */
  base: string | null;
  /** … or a URL per method. A method with neither has no lane. */
  urls: Partial<Record<Method, string>>;
  channel: string;
  headers: Record<string, string>;
  /** A built-in dialect's name, or that of the file the run was started with. */
  dialect: string;
  /** Where a method's request differs from the others': laid over the fields above, headers and query key by key. */
  methods?: Partial<Record<Method, TargetRequest>>;
  auth?: TargetAuth;
  tls?: TargetTls;
  /**
   * `http://[user:pass@]host:port`, `socks5://…`, `socks5h://…`, `none`, `env` (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY)
   * or `system` (the desktop's; elsewhere as `env`). Absent: `system`.
   */
  proxy?: string;
  /**
   * What follows an end, before dialect and method are asked: `503`, `5xx`, `500-503` for statuses, `1008`, `4000-4099` for
   * close codes; each comes back, or does what stands after `=`: `retry`, `advice` (Retry-After decides), `refresh` (another token), `stop`.
   */
  retryOn?: string[];
  /** The longest that one connection, or one poll, may take in all; the client ends it then. */
  deadlineMs?: number;
  timeouts?: TargetTimeouts;
  /** Whether an idle connection is kept for the next poll; absent: yes. */
  keepAlive?: boolean;
  /** Whether cookies that a server sets are kept, each lane its own; absent: yes. */
  cookies?: boolean;
  /** What `{var.NAME}` stands for. */
  vars?: Record<string, string>;
  /** The environment whose variables are laid over `vars`, by its name among the saved ones. */
  env?: string;
}
