/** Takes secrets out of what is written down. Bounded, linear, and never throws: a recorder calls it on every fact. */
import type { Observation } from './observation.ts';

const REDACTED = '‹redacted›';

/** Compared without case, `-`, `_` and `.`: `X-Api-Key`, `api_key` and `apiKey` are one name. */
const SECRET_NAMES = new Set([
  'auth',
  'authorization',
  'proxyauthorization',
  'bearer',
  'cookie',
  'setcookie',
  'key',
  'accesskey',
  'privatekey',
  'sig',
  'hmac',
  'pwd',
  'pass',
  'session',
  'sessionid',
  'sid',
  'ticket',
]);
const SECRET_PARTS = /token|secret|passw|passphrase|apikey|signature|jwt|credential|sessionid/;

/** Whether a header, query parameter or field of this name is likely to carry a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_PARTS.test(plain);
}

/** A URL, or any text with URLs in it, without user info and without the values of secret query parameters. */
export function redactUrl(text: string): string {
  return text
    .replaceAll(/(:\/\/)[^\s/?#@"'<>]*@/g, `$1${REDACTED}@`)
    .replaceAll(
      /([?&;#])([^\s=&;#?"'<>]{1,100})=([^\s&;#"'<>]*)/g,
      (whole, mark: string, name: string, value: string) =>
        value !== '' && isSecretName(decoded(name)) ? `${mark}${name}=${REDACTED}` : whole,
    );
}

/** A request or response head, or a part of one, without the values of headers that carry secrets. */
export function redactHead(text: string): string {
  let hiding = false;
  return text
    .split('\n')
    .map((line) => {
      const ending = line.endsWith('\r') ? '\r' : '';
      if (hiding && /^[ \t]+\S/.test(line)) return ` ${REDACTED}${ending}`; // obs-fold, RFC 9112 section 5.2
      const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}):(.*)$/.exec(line.slice(0, line.length - ending.length));
      hiding = header !== null && isSecretName(header[1]!);
      if (hiding) return `${header![1]}: ${REDACTED}${ending}`;
      // a token offered as a subprotocol: browsers have no other place for it
      if (header?.[1]!.toLowerCase() === 'sec-websocket-protocol') return line.replaceAll(/[^\s,:]{33,}/g, REDACTED);
      return redactUrl(line);
    })
    .join('\n');
}

/** JSON-like text without the values of members whose names tell of secrets. */
export function redactFields(text: string): string {
  return redactUrl(
    text.replaceAll(
      /"([^"\\]{1,100})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*)/g,
      (whole, name: string, colon: string) => (isSecretName(name) ? `"${name}"${colon}"${REDACTED}"` : whole),
    ),
  );
}

/** The same observation without secrets; itself when it can carry none. */
export function redactObservation<O extends Observation>(o: O): O;
export function redactObservation(o: Observation): Observation {
  switch (o.type) {
    case 'request':
      return { ...o, url: redactUrl(o.url) };
    case 'wire': {
      const head = o.what === 'request' || o.what === 'response';
      return { ...o, text: head ? redactHead(o.text) : redactFields(o.text) };
    }
    case 'notice':
      return {
        ...o,
        message: redactUrl(o.message),
        ...(o.hint === undefined ? {} : { hint: redactUrl(o.hint) }),
      };
    case 'drop':
      return o.detail === undefined ? o : { ...o, detail: redactUrl(o.detail) };
    case 'run':
      return {
        ...o,
        target: { ...o.target, base: o.target.base === null ? null : redactUrl(o.target.base) },
        lanes: o.lanes.map((lane) => ({ ...lane, url: redactUrl(lane.url) })),
      };
    case 'summary':
      return {
        ...o,
        lanes: Object.fromEntries(
          Object.entries(o.lanes).map(([id, lane]) => [id, { ...lane, url: redactUrl(lane.url) }]),
        ),
      };
    default:
      return o;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
