/** What a person gave that may be a secret: it is taken out by its value, wherever it turns up again. */
import type { RunConfig } from './run-config.ts';
import type { TargetAuth } from './endpoint/auth.ts';
import type { TargetRequest } from './endpoint/remote-target.ts';
import { isSecretName, redactUrl } from './redact.ts';

/** Fields that say how a client likes its answer; everybody sends the same. */
const PUBLIC_HEADERS = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-type',
  'origin',
  'pragma',
  'user-agent',
]);

/** Query parameters of protocols, whose values come back with every answer. */
const PROTOCOL_PARAMS = /^(after|channel|cursor|from|last-?event-?id|limit|since|stream|topic|v|wait)$/i;

/** The values in what a run is started with that may be secrets: of headers, auth, URLs, bodies and variables. */
export function secretsOf({ target, lanes }: Pick<RunConfig, 'target' | 'lanes'>): string[] {
  if (target.kind === 'embedded') return [];
  const { auth, proxy, tls, vars = {} } = target;
  const urls = [target.base, ...Object.values(target.urls), ...lanes.map((lane) => lane.url), proxy];
  const requests = [target, ...Object.values(target.methods ?? {})];
  const all = [
    ...requests.flatMap((request) => inRequest(request)),
    ...urls.flatMap((url) => (url == null ? [] : inUrl(url))),
    ...(auth ? inAuth(auth) : []),
    ...(tls?.passphrase === undefined ? [] : [tls.passphrase]),
    ...Object.entries(vars).flatMap(([name, value]) => (isSecretName(name) || looksSecret(value) ? [value] : [])),
  ];
  // what stands for a secret is none, and is to be seen
  return all.filter((value) => !/^\{(secret|var|token)\b/.test(value));
}

function inRequest({ headers = {}, query = {}, body = '', open = [] }: TargetRequest): string[] {
  return [
    ...Object.entries(headers).flatMap(([name, value]) => inHeader(name, value)),
    ...Object.entries(query).flatMap(([name, value]) => inParameter(name, value)),
    ...[body, ...open].flatMap(inText),
  ];
}

/** In JSON, or a form: what stands behind the name of a secret. */
function inText(text: string): string[] {
  const members = [...text.matchAll(/"([^"\\]{1,100})"\s*:\s*"((?:[^"\\]|\\.)*)"/g)];
  const fields = /^\s*[[{]/.test(text) ? [] : text.split('&').map((pair) => /^([^=]{1,100})=(.*)$/s.exec(pair) ?? []);
  return [...members, ...fields].flatMap(([, name, value]) =>
    name !== undefined && value !== undefined && isSecretName(name) ? [value] : [],
  );
}

function inAuth(auth: TargetAuth): string[] {
  switch (auth.type) {
    case 'none':
      return [];
    case 'bearer':
      return [auth.token];
    case 'basic':
      return [auth.password, base64(`${auth.user}:${auth.password}`)];
    case 'api-key':
      return [auth.value];
    case 'oauth2':
      return [auth.clientSecret, auth.refreshToken].filter((one) => one !== undefined);
    case 'token-command':
      return [];
    case 'token-url':
      return [
        ...inUrl(auth.url),
        ...Object.entries(auth.headers ?? {}).flatMap(([name, value]) => inHeader(name, value)),
      ];
  }
}

/** More secrets than this have been forgotten by whoever could repeat them. */
const MAX_MINTED = 200;

/** The values that are taken out of everything a run says: those it was started with, and those it was given since. */
export class KnownSecrets {
  #given: readonly string[];
  /** Tokens and cookies, the newest last. */
  readonly #minted = new Set<string>();
  #redact: ((text: string) => string) | null | undefined;

  constructor(given: readonly string[] = []) {
    this.#given = given;
  }

  /** What a person gave, from now on. */
  give(given: readonly string[]): void {
    this.#given = given;
    this.#redact = undefined;
  }

  /** What was handed out in the course of the run. */
  add(values: readonly string[]): void {
    for (const value of values) {
      if (this.#minted.has(value)) continue;
      this.#minted.add(value);
      if (this.#minted.size > MAX_MINTED) this.#minted.delete(this.#minted.values().next().value!);
      this.#redact = undefined;
    }
  }

  /** Takes them out of a text; null: there is nothing to take out. */
  get redactor(): ((text: string) => string) | null {
    this.#redact = this.#redact === undefined ? valueRedactor([...this.#given, ...this.#minted]) : this.#redact;
    return this.#redact;
  }
}

/** A URL as it may be shown: without what in it may be a secret. */
export function shownUrl(url: string): string {
  const named = redactUrl(url);
  return valueRedactor(inUrl(url))?.(named) ?? named;
}

function inHeader(name: string, value: string): string[] {
  if (PUBLIC_HEADERS.has(name.toLowerCase())) return [];
  const all = [value, value.replace(/^[A-Za-z][\w-]*\s+/, '')]; // `Bearer x`: the credentials alone too
  if (/cookie$/i.test(name)) all.push(...value.split(/;\s*/).map((pair) => pair.slice(pair.indexOf('=') + 1)));
  return all.map((one) => one.trim());
}

function inUrl(url: string): string[] {
  const userInfo = /:\/\/([^\s/?#]*)@/.exec(url)?.[1];
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  const values = query.split('&').flatMap((pair): string[] => {
    const at = pair.indexOf('=');
    if (at < 0) return [];
    return inParameter(decoded(pair.slice(0, at)), pair.slice(at + 1));
  });
  if (userInfo === undefined) return values;
  const at = userInfo.indexOf(':');
  const plain = decoded(userInfo);
  return [...values, userInfo, base64(at < 0 ? `${plain}:` : plain), ...(at < 0 ? [] : [userInfo.slice(at + 1)])];
}

const inParameter = (name: string, value: string): string[] =>
  isSecretName(name) || (looksSecret(value) && !PROTOCOL_PARAMS.test(name)) ? [value] : [];

/** A value that nobody would type as a word: a key, by whatever name. */
const looksSecret = (value: string): boolean => value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** As HTTP's Basic scheme sends user info (RFC 7617). */
function base64(text: string): string {
  const bytes = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|[^%]/g)].map(([char, hex]) =>
    hex === undefined ? char.charCodeAt(0) : parseInt(hex, 16),
  );
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]!;
    out += (b === undefined ? '=' : BASE64[(word >> 6) & 63]!) + (c === undefined ? '=' : BASE64[word & 63]!);
  }
  return out;
}

/** Below this a value stands in too much text that has nothing to do with it. */
const MIN_LENGTH = 4;
/** A shorter one counts only as a word of its own. */
const WORD_LENGTH = 8;
const REDACTED = '‹redacted›';

/** Takes these values out of text, also as they are spelled in URLs and JSON; null when there is nothing to take out. */
export function valueRedactor(secrets: readonly string[]): ((text: string) => string) | null {
  const all = new Set(
    secrets.filter((value) => value.length >= MIN_LENGTH && !COMMON_WORDS.has(value)).flatMap(spellings),
  );
  if (all.size === 0) return null;
  const longestFirst = [...all].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(patternOf).join('|'), 'g');
  return (text) => text.replace(pattern, REDACTED);
}

const COMMON_WORDS = new Set(['true', 'false', 'null', 'none', 'default', 'test']);

function spellings(value: string): string[] {
  const plain = decoded(value);
  const encoded = encodeURIComponent(plain);
  const lowerHex = encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [value, plain, encoded, lowerHex, JSON.stringify(plain).slice(1, -1)];
}

function patternOf(value: string): string {
  const literal = value.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  return value.length >= WORD_LENGTH ? literal : `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`;
}
