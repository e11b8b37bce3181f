import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import { redactUrl } from '../../shared/redact.ts';
import { urlParts } from '../../shared/url-parts.ts';

/** Schemes and the port each stands for; `tcp` has none. */
const DEFAULT_PORTS: Record<string, number | null> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
  'tcp:': null,
};

/** Where a proxy forwards bytes to. */
export interface ProxyTarget {
  /** `https:` … with its colon. */
  scheme: string;
  /** An IPv6 literal keeps its brackets. */
  host: string;
  port: number;
  /** What comes before the query, empty for the root; only for people who copy the URL. */
  path: string;
  /** As given, without secrets. */
  text: string;
}

/** @throws Failure `bad-target` naming the place, exit 2 */
export function parseProxyTarget(text: string, place: string): ProxyTarget {
  const failure = (message: string, hint: string): Failure =>
    new Failure({ code: 'bad-target', place, message, hint, exit: 2 });
  const shown = redactUrl(text);
  const parts = urlParts(text.trim());
  if (!parts) {
    const bare = urlParts(`tcp://${text.trim()}`);
    throw failure(
      `"${shown}" is not a URL.`,
      bare ? `Write the scheme too: http://${redactUrl(text.trim())}` : 'Write it whole: http://127.0.0.1:8080',
    );
  }
  const { scheme, host, rest } = parts;
  if (!Object.hasOwn(DEFAULT_PORTS, scheme)) {
    const near = nearest(scheme, Object.keys(DEFAULT_PORTS));
    throw failure(
      `${scheme}// cannot be forwarded to.`,
      near ? `Did you mean ${near}//?` : `Use ${Object.keys(DEFAULT_PORTS).join('//, ')}//.`,
    );
  }
  const port = parts.port ?? DEFAULT_PORTS[scheme] ?? null;
  if (port === null) throw failure(`"${shown}" names no port.`, `Write it too: ${scheme}//${host}:6379`);
  const path = rest.replace(/[?#].*$/s, '');
  return { scheme, host, port, path: path === '/' ? '' : path, text: redactUrl(text.trim()) };
}

/** Where a client goes instead: the same scheme and path, at the proxy's own port. */
export function proxyUrl({ scheme, path }: ProxyTarget, port: number): string {
  return `${scheme}//127.0.0.1:${port}${path}`;
}

/** The target speaks TLS. */
export const isSecure = ({ scheme }: ProxyTarget): boolean => scheme === 'https:' || scheme === 'wss:';

/** Where a client goes that leaves TLS to the path; null where the target speaks none. */
export function plainUrl(target: ProxyTarget, port: number): string | null {
  if (!isSecure(target)) return null;
  return proxyUrl({ ...target, scheme: target.scheme === 'https:' ? 'http:' : 'ws:' }, port);
}
