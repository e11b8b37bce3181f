/** Takes secrets out of what is written down. Bounded, linear, and never throws: a recorder calls it on every fact. */
import type { Observation } from './observation.ts';
import { isSecretName } from './secret-names.ts';

export { isSecretName };

const REDACTED = '‹redacted›';

/** In a query these carry keys; in JSON they are ordinary words. */
const SECRET_PARAMS = new Set(['code', 'sign']);

/** Whether a query parameter of this name is. */
const isSecretParam = (name: string): boolean => SECRET_PARAMS.has(name.toLowerCase()) || isSecretName(name);

/** A URL, or any text with URLs in it, without user info and without the values of secret query parameters. */
export function redactUrl(text: string): string {
  return text
    .replaceAll(/(:\/\/)[^\s/?#@"'<>]*@/g, `$1${REDACTED}@`)
    .replaceAll(
      /([?&;#])([^\s=&;#?"'<>]{1,100})=([^\s&;#"'<>]*)/g,
      (whole, mark: string, name: string, value: string) =>
        value !== '' && isSecretParam(decoded(name)) ? `${mark}${name}=${REDACTED}` : whole,
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

/** A sentence that came over the wire, without the values that stand behind secret names: `bad token=abc`. */
function redactSentence(text: string): string {
  return redactFields(text).replaceAll(
    /(^|[\s,;('"])([A-Za-z][\w-]{0,100})(\s*[=:]\s*)(?!‹redacted›)((?:Basic|Bearer|Digest)\s+)?([^\s,;)"']+)/g,
    (whole, before: string, name: string, mark: string) =>
      isSecretName(name) ? `${before}${name}${mark}${REDACTED}` : whole,
  );
}

/** What an observation is made of beside what was said or typed: it is left as it is. */
const STRUCTURE = new Set(['v', 'n', 'at', 'lane', 'type', 'method', 'evidence', 'cause', 'by', 'order']);

/** The same with every text in it changed; itself when none did. */
function mapTexts<T>(value: T, change: (text: string) => string): T;
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => mapTexts(one, change));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, STRUCTURE.has(name) ? inner : mapTexts(inner, change)]),
  );
}

/**
 * The same observation without secrets; itself when it can carry none.
 * @param redactValues takes out what a person gave, by its value
 */
export function redactObservation<O extends Observation>(o: O, redactValues?: ((text: string) => string) | null): O {
  const named = redactByName(o);
  return redactValues ? mapTexts(named, redactValues) : named;
}

function redactByName<O extends Observation>(o: O): O;
function redactByName(o: Observation): Observation {
  switch (o.type) {
    case 'event':
      return o.data === undefined ? o : { ...o, data: redactFields(o.data) };
    case 'wire': {
      const head = o.what === 'request' || o.what === 'response';
      return { ...o, text: head ? redactHead(o.text) : redactFields(o.text) };
    }
    case 'notice':
    case 'drop':
    case 'ended':
    case 'fault':
      return mapTexts(o, redactSentence);
    case 'request':
    case 'run':
    case 'lane':
    case 'path':
    case 'summary':
      return mapTexts(o, redactUrl);
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
