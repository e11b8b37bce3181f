/** An endpoint's request as a curl command, for a colleague or a terminal. Secrets stay the names they are kept by. */
import type { Method } from '../catalog.ts';
import type { RemoteTarget } from '../target.ts';

/** @param url where the method is followed; @returns null for a method that curl does not speak */
export function toCurl(target: RemoteTarget, method: Method, url: string): string | null {
  if (method === 'websocket') return null;
  const own = target.methods?.[method];
  const headers: Record<string, string> = { ...target.headers, ...own?.headers };
  const body = own?.body ?? target.body;
  const query = { ...target.query, ...own?.query };
  const parts = [`curl -N ${quote(withQuery(url, query))}`];
  const httpMethod = own?.httpMethod ?? target.httpMethod;
  if (httpMethod !== undefined && httpMethod !== (body === undefined ? 'GET' : 'POST')) parts.push(`-X ${httpMethod}`);
  const has = (name: string): boolean => Object.keys(headers).some((key) => key.toLowerCase() === name);
  if (method === 'sse' && !has('accept')) parts.push(`-H 'Accept: text/event-stream'`);
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  parts.push(...authParts(target));
  if (body !== undefined) parts.push(`--data-raw ${quote(body)}`);
  const { tls, proxy, timeouts } = target;
  if (tls?.insecure) parts.push('--insecure');
  if (tls?.ca !== undefined) parts.push(`--cacert ${quote(tls.ca)}`);
  if (tls?.pfx !== undefined) parts.push(`--cert-type P12 --cert ${quote(tls.pfx)}`);
  if (tls?.cert !== undefined) parts.push(`--cert ${quote(tls.cert)}`);
  if (tls?.key !== undefined) parts.push(`--key ${quote(tls.key)}`);
  if (tls?.passphrase !== undefined) parts.push(`--pass ${quote(tls.passphrase)}`);
  if (proxy !== undefined && /:\/\//.test(proxy)) parts.push(`--proxy ${quote(proxy)}`);
  if (proxy === 'none') parts.push(`--noproxy '*'`);
  if (timeouts?.connectMs !== undefined) parts.push(`--connect-timeout ${timeouts.connectMs / 1000}`);
  return parts.join(' \\\n  ');
}

function authParts({ auth }: RemoteTarget): string[] {
  switch (auth?.type) {
    case 'bearer':
      return [`-H ${quote(`Authorization: ${auth.scheme ?? 'Bearer'} ${auth.token}`)}`];
    case 'basic':
      return [`--user ${quote(`${auth.user}:${auth.password}`)}`];
    case 'api-key':
      if (auth.in === 'header') return [`-H ${quote(`${auth.name}: ${auth.value}`)}`];
      if (auth.in === 'cookie') return [`--cookie ${quote(`${auth.name}=${auth.value}`)}`];
      return [`--url-query ${quote(`${auth.name}=${auth.value}`)}`];
    case 'oauth2':
    case 'token-command':
    case 'token-url':
      return [`-H 'Authorization: ${auth.scheme ?? 'Bearer'} {token}'`];
    default:
      return [];
  }
}

function withQuery(url: string, query: Record<string, string>): string {
  const more = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return more.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${more.join('&')}`;
}

/** A template stays one. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%7B((?:var|secret)\.[\w.-]+|token)%7D/gi, '{$1}');

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
