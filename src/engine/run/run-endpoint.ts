import type { ConnectionOptions } from 'node:tls';
import type { Method } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import { fillText, type TemplateValues } from '../../shared/dialect/template.ts';
import { parseRetryRule, type RetryRule } from '../../shared/endpoint/retry-rules.ts';
import { Failure } from '../../shared/failure.ts';
import type { NoticeFact } from '../../shared/observation.ts';
import type { KnownSecrets } from '../../shared/secrets.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import type { SetCookie } from '../client/endpoint/cookies.ts';
import { EndpointClient, type EndpointClientOptions } from '../client/endpoint/endpoint-client.ts';
import { mintOf } from '../client/endpoint/token-mints.ts';
import { TokenSource } from '../client/endpoint/token-source.ts';
import { askOnce, type OneAnswer } from '../client/net/ask-once.ts';
import { ClientNetwork } from '../client/net/network.ts';
import { proxyChoice, type ProxyChoice, type ProxyRoute } from '../client/net/proxy-choice.ts';
import { proxyName } from '../client/net/proxy-handshake.ts';
import { tlsOptions } from '../client/net/tls-options.ts';
import { Causes } from '../evidence/causes.ts';

/** What a host lends an endpoint: its secrets, its environment, and its word for commands. */
export interface EndpointHost {
  /** The value of `{secret.NAME}`; undefined: there is none. @throws Failure where the store is locked */
  secretOf?: (name: string) => string | undefined;
  /** Whether a person gave this command, or has confirmed it; absent: none may be run. */
  mayRun?: (command: string) => boolean;
  /** Where proxies are looked up. */
  environment?: Readonly<Record<string, string | undefined>>;
}

interface RunEndpointOptions extends EndpointHost {
  target: RemoteTarget;
  /** The dialect has a place for the token. */
  dialectHasToken: boolean;
  clock: Clock;
  secrets: KnownSecrets;
  signal: AbortSignal;
}

/** A target elsewhere as a run uses it: its certificates read, its proxy chosen, its token shared by all lanes. */
export class RunEndpoint {
  readonly target: RemoteTarget;
  readonly tls: ConnectionOptions | undefined;
  readonly proxy: ProxyChoice;
  readonly rules: RetryRule[];
  readonly #o: RunEndpointOptions;
  readonly #token: string | TokenSource | null;

  /** @throws Failure `bad-tls`, `unknown-secret` */
  constructor(o: RunEndpointOptions) {
    this.#o = o;
    const { target } = o;
    this.target = target;
    const passphrase = target.tls?.passphrase;
    const filled = passphrase === undefined ? undefined : fillText(passphrase, this.values);
    if (filled) o.secrets.add([filled]);
    this.tls = target.tls ? tlsOptions(target.tls, filled) : undefined;
    const proxy = target.proxy === undefined ? undefined : fillText(target.proxy, this.values);
    this.proxy = proxyChoice(proxy, o.environment ?? {});
    this.rules = (target.retryOn ?? []).map((rule) => parseRetryRule(rule));
    this.#token = this.#tokenOf(target);
  }

  /** `base`, `channel`, `var.NAME`, `secret.NAME`. */
  readonly values: TemplateValues = (name) => {
    const { target, secretOf, secrets } = this.#o;
    if (name === 'channel') return target.channel;
    if (name === 'base') return target.base;
    if (name.startsWith('var.')) return target.vars?.[name.slice(4)];
    if (!name.startsWith('secret.')) return undefined;
    const value = secretOf?.(name.slice(7));
    if (value === undefined) throw unknownSecret(name.slice(7));
    secrets.add([value]);
    return value;
  };

  /** Whether there is a token, or something to ask for one. */
  get hasToken(): boolean {
    return this.#token !== null;
  }

  /** One lane's way of asking it. */
  clientFor(method: Method, note: (notice: NoticeFact) => void): EndpointClient {
    const told = new Set<string>();
    return new EndpointClient({
      ...this.#asking(this.target),
      method,
      onCookie: (cookie) => {
        this.#o.secrets.add([cookie.value]);
        // a sticky session's cookie comes with every answer
        const key = JSON.stringify([cookie.name, cookie.domain, cookie.path]);
        if (told.size < MAX_COOKIES_TOLD && !told.has(key)) note(cookieNotice(cookie));
        told.add(key);
      },
    });
  }

  /** What every lane is told before it begins: what weakens it, and what stands in its way. */
  noticesFor(url: string): NoticeFact[] {
    const { protocol, hostname, port } = new URL(url);
    const secure = protocol === 'https:' || protocol === 'wss:';
    const notices: NoticeFact[] = [];
    if (secure && this.target.tls?.insecure) notices.push(INSECURE);
    const proxy = this.proxy({ secure, host: hostname, port: Number(port) || (secure ? 443 : 80) });
    if (proxy) notices.push(proxyNotice(proxy));
    return notices;
  }

  /** One request outside of any lane, as itself and by its own way. @throws Failure `unreachable`, `no-answer`, `no-token` */
  async ask(
    url: string,
    o: {
      method: string;
      accept?: string;
      headers?: Record<string, string>;
      body?: string;
      timeoutMs: number;
      signal: AbortSignal;
    },
  ): Promise<OneAnswer> {
    const { clock } = this.#o;
    const { httpMethod: _, body: __, query: ___, methods: ____, ...target } = this.target;
    const client = new EndpointClient({ ...this.#asking(target), method: 'sse' });
    const attempt = await client.attempt();
    const { headers = {}, body = null, accept = '*/*' } = o;
    const request = attempt.request({ url, method: o.method, headers, body }, accept, null);
    const network = this.network();
    try {
      return await askOnce({ ...request, network, clock, timeoutMs: o.timeoutMs, signal: o.signal });
    } finally {
      network.destroy();
    }
  }

  #asking(target: RemoteTarget): Omit<EndpointClientOptions, 'method'> {
    const { values } = this;
    return { target, token: this.#token, values, dialectHasToken: this.#o.dialectHasToken };
  }

  /** A way to it outside of any lane. */
  network(): ClientNetwork {
    return new ClientNetwork({
      lane: '',
      clock: this.#o.clock,
      enter: async (_lane, host, port) => ({ host, port }),
      causes: new Causes(),
      proxy: this.proxy,
      ...(this.tls ? { tls: this.tls } : {}),
    });
  }

  #tokenOf({ auth, name }: RemoteTarget): string | TokenSource | null {
    if (!auth) return null;
    const { clock, secrets, signal, mayRun = () => false } = this.#o;
    if (auth.type === 'bearer') {
      const token = fillText(auth.token, this.values) ?? '';
      secrets.add([token]);
      return token;
    }
    const onSecret = (value: string): void => secrets.add([value]);
    const network = (): ClientNetwork => this.network();
    const mint = mintOf(auth, { name, values: this.values, clock, signal, network, mayRun, onSecret });
    return mint && new TokenSource({ mint, clock, onMinted: onSecret, refreshable: true });
  }
}

/** A lane that is given ever other cookies says so no more. */
const MAX_COOKIES_TOLD = 20;

const INSECURE: NoticeFact = {
  type: 'notice',
  level: 'warn',
  code: 'insecure-tls',
  message: 'Any certificate is taken here: whoever stands in between could read and change everything.',
  hint: 'Give the authority of the server instead (tls.ca, --cacert).',
};

const proxyNotice = (proxy: ProxyRoute): NoticeFact => {
  const from = proxy.from === null ? '' : ` (${proxy.from})`;
  const kind = proxy.kind === 'http' ? 'HTTP' : 'SOCKS5';
  const message = `By way of the ${kind} proxy ${proxyName(proxy)}${from}.`;
  return { type: 'notice', level: 'info', code: 'upstream-proxy', message };
};

const cookieNotice = ({ name, domain, path, until }: SetCookie): NoticeFact => {
  const ends = until === null ? '' : ` until ${new Date(until).toISOString()}`;
  const message = `The server set the cookie ${name} for ${domain}${path === '/' ? '' : path}${ends}: this lane sends it from now on.`;
  return { type: 'notice', level: 'info', code: 'cookie-set', message };
};

const unknownSecret = (name: string): Failure =>
  new Failure({
    code: 'unknown-secret',
    message: `There is no secret "${name}" here.`,
    hint: 'Save it with the endpoint, or give it by --env FILE.',
    place: `secret.${name}`,
    exit: 2,
  });
