/** Takes the secrets out of an endpoint, so that what is left may stand in a file: each is `{secret.NAME}` there. */
import type { Method } from '../catalog.ts';
import { mapTexts } from '../map-texts.ts';
import { isSecretName } from '../secret-names.ts';
import type { TargetAuth } from './auth.ts';
import type { RemoteTarget, TargetRequest } from './remote-target.ts';

export interface Sealed {
  target: RemoteTarget;
  /** What was taken out, by the names that stand in its place. */
  secrets: Record<string, string>;
}

const TEMPLATE = /\{(token|(?:var|secret)\.[\w.-]+)\??\}/;
const SECRET_REF = /\{secret\.([\w.-]+)\??\}/g;
/** Query parameters of protocols: their values are no secrets, however they look. */
const PROTOCOL_PARAMS =
  /^(after|channel|channels|cursor|from|last-?event-?id|limit|offset|since|streams?|topics?|v|wait)$/i;
const SECRET_PARAMS = /^(code|sign|access_key_id)$/i;

/** @param taken whether a name is in use already, for something else */
export function sealTarget(target: RemoteTarget, taken: (name: string) => boolean): Sealed {
  const sealer = new Sealer(stemOf(target.name), taken);
  const sealed = sealer.target(withBasicAuth(target));
  return { target: sealed, secrets: sealer.secrets };
}

/** The variables of an environment, likewise. */
export function sealVars(
  environment: string,
  vars: Readonly<Record<string, string>>,
  taken: (name: string) => boolean,
): { vars: Record<string, string>; secrets: Record<string, string> } {
  const sealer = new Sealer(stemOf(environment), taken);
  return { vars: sealer.named(vars), secrets: sealer.secrets };
}

/** Every secret that an endpoint names. */
export function secretsNamed(target: unknown): string[] {
  const names = [...JSON.stringify(target).matchAll(SECRET_REF)].map(([, name = '']) => name);
  return [...new Set(names)];
}

/** The same endpoint with other names for its secrets. */
export function renameSecrets(target: RemoteTarget, renamed: Readonly<Record<string, string>>): RemoteTarget {
  return mapTexts(target, (text) =>
    text.replace(SECRET_REF, (whole, name: string) =>
      Object.hasOwn(renamed, name) ? whole.replace(name, renamed[name]!) : whole,
    ),
  );
}

/** A name that may stand in a template, made of any words. */
const stemOf = (name: string): string =>
  name.toLowerCase().normalize('NFKD').match(/[a-z0-9]+/g)?.join('-').slice(0, 60) ?? 'endpoint'; // prettier-ignore

class Sealer {
  readonly secrets: Record<string, string> = {};
  readonly #stem: string;
  readonly #taken: (name: string) => boolean;
  readonly #names = new Map<string, string>();

  constructor(stem: string, taken: (name: string) => boolean) {
    this.#stem = stem;
    this.#taken = taken;
  }

  named(values: Readonly<Record<string, string>>): Record<string, string> {
    return mapEntries(values, (name, value) =>
      isSecretName(name) || looksRandom(value) ? this.#hide(value, name) : value,
    );
  }

  target(target: RemoteTarget): RemoteTarget {
    const { urls, base, auth, tls, proxy, methods, vars } = target;
    const plain: RemoteTarget = {
      ...this.#request(target),
      kind: 'remote',
      name: target.name,
      channel: target.channel,
      dialect: target.dialect,
      headers: this.#headers(target.headers),
      base: base === null ? null : this.#url(base),
      urls: mapValues(urls, (url) => this.#url(url)),
      ...(auth ? { auth: this.#auth(auth) } : {}),
      ...(tls
        ? {
            tls: {
              ...tls,
              ...(tls.passphrase === undefined ? {} : { passphrase: this.#hide(tls.passphrase, 'passphrase') }),
              ...(tls.key === undefined ? {} : { key: this.#pem(tls.key, 'key') }),
              ...(tls.cert === undefined ? {} : { cert: this.#pem(tls.cert, 'cert') }),
            },
          }
        : {}),
      ...(proxy === undefined ? {} : { proxy: this.#userInfo(proxy, 'proxy') }),
      ...(methods
        ? { methods: mapValues<Method, TargetRequest>(methods, (one) => ({ ...one, ...this.#request(one) })) }
        : {}),
    };
    return { ...target, ...plain, ...(vars ? { vars: this.named(vars) } : {}) };
  }

  #request<R extends TargetRequest>(request: R): R {
    const { headers, query, body, open } = request;
    return {
      ...request,
      ...(headers ? { headers: this.#headers(headers) } : {}),
      ...(query ? { query: mapEntries(query, (name, value) => this.#param(name, value)) } : {}),
      ...(body === undefined ? {} : { body: this.#text(body) }),
      ...(open ? { open: open.map((text) => this.#text(text)) } : {}),
    };
  }

  #headers(headers: Record<string, string>): Record<string, string> {
    return mapEntries(headers, (name, value) => {
      if (/cookie$/i.test(name)) return this.#hide(value, name);
      if (!isSecretName(name) && !looksRandom(value)) return value;
      const scheme = /^([A-Za-z][\w-]*\s+)(\S.*)$/.exec(value);
      return scheme && /authorization$/i.test(name)
        ? scheme[1]! + this.#hide(scheme[2]!, name)
        : this.#hide(value, name);
    });
  }

  #auth(auth: TargetAuth): TargetAuth {
    switch (auth.type) {
      case 'bearer':
        return { ...auth, token: this.#hide(auth.token, 'token') };
      case 'basic':
        return { ...auth, password: this.#hide(auth.password, 'password') };
      case 'api-key':
        return { ...auth, value: this.#hide(auth.value, auth.name) };
      case 'oauth2':
        return {
          ...auth,
          tokenUrl: this.#url(auth.tokenUrl),
          ...(auth.clientSecret === undefined ? {} : { clientSecret: this.#hide(auth.clientSecret, 'client-secret') }),
          ...(auth.refreshToken === undefined ? {} : { refreshToken: this.#hide(auth.refreshToken, 'refresh-token') }),
        };
      case 'token-url':
        return {
          ...auth,
          url: this.#url(auth.url),
          ...(auth.headers ? { headers: this.#headers(auth.headers) } : {}),
        };
      default:
        return auth;
    }
  }

  /** User info, and what in the query bears the name of a secret or looks like one. */
  #url(url: string): string {
    const [front = '', query, hash = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url)?.slice(1) ?? [url];
    const plain = this.#userInfo(front, 'password');
    if (query === undefined) return plain + hash;
    const pairs = query.split('&').map((pair) => {
      const at = pair.indexOf('=');
      if (at < 0) return pair;
      const name = decoded(pair.slice(0, at));
      const value = decoded(pair.slice(at + 1).replaceAll('+', ' '));
      const hidden = this.#param(name, value);
      return hidden === value ? pair : `${pair.slice(0, at)}=${hidden}`;
    });
    return `${plain}?${pairs.join('&')}${hash}`;
  }

  #userInfo(url: string, field: string): string {
    const m = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*)@(.*)$/is.exec(url);
    if (!m) return url;
    const [, scheme = '', info = '', rest = ''] = m;
    const at = info.indexOf(':');
    const [user, password] = at < 0 ? ['', info] : [info.slice(0, at + 1), info.slice(at + 1)];
    return `${scheme}${user}${this.#hide(decoded(password), field)}@${rest}`;
  }

  #param(name: string, value: string): string {
    const isSecret = isSecretName(name) || SECRET_PARAMS.test(name) || (looksRandom(value) && !PROTOCOL_PARAMS.test(name));
    return isSecret ? this.#hide(value, name) : value;
  } // prettier-ignore

  /** A body or message: members of JSON and fields of a form whose names tell of secrets. */
  #text(text: string): string {
    if (/^\s*[[{"]/.test(text)) {
      return text.replaceAll(/"([^"\\]{1,100})"(\s*:\s*)"((?:[^"\\]|\\.)*)"/g, (whole, name: string, colon: string, value: string) =>
        isSecretName(name) ? `"${name}"${colon}"${this.#hide(unescaped(value), name)}"` : whole,
      );
    } // prettier-ignore
    if (!/^[\w.%[\]-]+=[^\s]*$/.test(text)) return text;
    return text.replaceAll(/(^|&)([^=&]+)=([^&]*)/g, (whole, mark: string, name: string, value: string) =>
      isSecretName(decoded(name)) ? `${mark}${name}=${this.#hide(decoded(value.replaceAll('+', ' ')), name)}` : whole,
    );
  }

  #pem = (text: string, field: string): string => (/PRIVATE KEY-----/.test(text) ? this.#hide(text, field) : text);

  /** One value under one name. Templates stay: their values are kept elsewhere. */
  #hide(value: string, field: string): string {
    if (value === '' || TEMPLATE.test(value)) return value;
    const known = this.#names.get(value);
    if (known !== undefined) return `{secret.${known}}`;
    const stem = `${this.#stem}.${stemOf(field)}`;
    let name = stem;
    for (let n = 2; this.#taken(name) || Object.hasOwn(this.secrets, name); n++) name = `${stem}-${n}`;
    this.secrets[name] = value;
    this.#names.set(value, name);
    return `{secret.${name}}`;
  }
}

/** User info of a URL, said as what it is: then the address is one that may be shown. */
function withBasicAuth(target: RemoteTarget): RemoteTarget {
  if (target.auth && target.auth.type !== 'none') return target;
  const urls = [target.base, ...Object.values(target.urls)].filter((url) => url != null);
  const info = urls.map((url) => /^[a-z][a-z0-9+.-]*:\/\/([^/?#@]*)@/i.exec(url)?.[1] ?? '');
  const [first = ''] = info;
  if (first === '' || info.some((one) => one !== first)) return target;
  const without = (url: string): string => url.replace(`${first}@`, '');
  const at = first.indexOf(':');
  const user = decoded(at < 0 ? first : first.slice(0, at));
  const password = at < 0 ? '' : decoded(first.slice(at + 1));
  return {
    ...target,
    base: target.base === null ? null : without(target.base),
    urls: mapValues(target.urls, without),
    auth: { type: 'basic', user, password },
  };
}

/** A value that nobody would type as words: a key, by whatever name. */
const looksRandom = (value: string): boolean =>
  /^[\w.~+/=:-]{24,}$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value) && !/^https?:|^\d{4}-\d\d-|^[\w.-]+\/[\w.-]+$/.test(value); // prettier-ignore

const unescaped = (text: string): string => {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const mapEntries = (
  record: Readonly<Record<string, string>>,
  change: (name: string, value: string) => string,
): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(name, value)]));

function mapValues<K extends string, T>(record: Partial<Record<K, T>>, change: (value: T) => T): Partial<Record<K, T>> {
  const entries = Object.entries<T | undefined>(record).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, change(value)] as const],
  );
  return Object.fromEntries(entries) as Partial<Record<K, T>>; // cast: the keys are those of the record
}
