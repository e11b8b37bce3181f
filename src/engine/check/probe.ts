import type { LookupAddress } from 'node:dns';
import type { ConnectionOptions } from 'node:tls';
import type { Method } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EndpointClient } from '../client/endpoint/endpoint-client.ts';
import type { ProxyRoute } from '../client/net/proxy-choice.ts';
import type { RunEndpoint } from '../run/run-endpoint.ts';
import type { Dialect } from '../../shared/dialect/model.ts';

/** All a method's check may take, and how much of it a silent stream may. */
export interface ProbeLimits {
  totalMs: number;
  firstByteMs: number;
}

export const PROBE_LIMITS: ProbeLimits = { totalMs: 5000, firstByteMs: 3000 };

/** How long a refusal may explain itself. */
export const EXPLANATION_MS = 1000;

/** More than this of an answer tells nothing more about it. */
export const PROBE_BODY_LIMIT = 256 * 1024;

/** One method of a target under check: one connection, at most one request. */
export interface Probe {
  method: Method;
  url: URL;
  secure: boolean;
  /** By which way it is asked, and as whom. */
  endpoint: RunEndpoint;
  client: EndpointClient;
  /** The upstream proxy that leads to it. */
  proxy: ProxyRoute | null;
  dialect: Dialect;
  /** All there are to choose from. */
  dialects: readonly Dialect[];
  clock: Clock;
  limits: ProbeLimits;
  lookup: (host: string) => Promise<LookupAddress[]>;
  /** Extra trust for TLS, as `tls.connect` takes it. */
  tls: ConnectionOptions;
  /** How much of its time is left, ms. */
  left(): number;
  /** Called once the check is over, newest first. */
  onOver(undo: () => unknown): void;
  suggest(dialect: Dialect): void;
}

/** What the work gives, or null when it did not end in time. Rejects as the work does. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(null));
    work.then(resolve, reject).finally(cancel);
  });
}

/** As in a URL, without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');
export const portOf = (url: URL, secure: boolean): number => Number(url.port) || (secure ? 443 : 80);

/** `0.3 s`, `5 s`. */
export const secondsText = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

export const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
