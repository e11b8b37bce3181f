/** A curl command as an endpoint: what “Copy as cURL” of a browser gives, and what people type. */
import { nearest } from '../nearest.ts';
import type { RemoteTarget } from '../target.ts';
import type { TargetTls } from '../endpoint/tls.ts';
import { urlParts } from '../url-parts.ts';
import { LONG_FLAGS, SHORT_FLAGS, type CurlAction, type CurlFlag } from './curl-flags.ts';
import { importedFrom, type GivenRequest, type Imported, type LeftOut } from './imported.ts';
import { cannotUnderstand, shellWords } from './shell-words.ts';

/** Whether a text looks like one. */
export const isCurl = (text: string): boolean => /^\s*(\$ |> )?(\S*[/\\])?curl(\.exe)?\s/i.test(text);

/** @throws Failure `cannot-understand`, its place the part that is not understood */
export function importCurl(text: string): Imported {
  if (/^\s*Invoke-(WebRequest|RestMethod)\b/i.test(text)) {
    const hint = 'Choose “Copy as cURL (bash)” in the browser.';
    throw cannotUnderstand(text.slice(0, 20), 'This is PowerShell, not curl.', hint);
  }
  const { words, rest, variables } = shellWords(text.replace(/^\s*[$>] /, ''));
  if (!/(^|[/\\])curl(\.exe)?$/i.test(words[0] ?? '')) {
    throw cannotUnderstand(words[0] ?? text, 'It does not begin with curl.', 'Copy the whole command.');
  }
  const reader = new CurlReader();
  reader.read(words.slice(1));
  if (rest !== '') reader.leftOut.push({ part: rest.split('\n')[0]!, reason: 'it is for the shell, not for curl' });
  const imported = reader.imported();
  for (const name of variables) {
    imported.leftOut.push({ part: `$${name}`, reason: `its value stands in your shell: set the variable ${name}` });
  }
  return imported;
}

class CurlReader {
  readonly leftOut: LeftOut[] = [];
  readonly #urls: string[] = [];
  readonly #headers: [string, string][] = [];
  readonly #removed = new Set<string>();
  readonly #data: string[] = [];
  readonly #query: string[] = [];
  #json = false;
  #get = false;
  #method: string | null = null;
  #user: string | null = null;
  #proxy: string | null = null;
  #proxyUser: string | null = null;
  #certType = 'PEM';
  #cert: string | null = null;
  #pass: string | null = null;
  #connectMs: number | null = null;
  #keepAlive = true;
  readonly #tls: TargetTls = {};

  read(words: readonly string[]): void {
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      if (word === '--') {
        this.#urls.push(...words.slice(i + 1));
        return;
      }
      if (!word.startsWith('-') || word === '-') {
        this.#urls.push(word);
        continue;
      }
      const next = (name: string): string => {
        const value = words[++i];
        if (value !== undefined) return value;
        throw cannotUnderstand(name, 'Nothing stands behind it.', 'It takes a value: copy the command whole.');
      };
      if (word.startsWith('--')) {
        if (!this.#long(word, next)) return this.#nothingMore(words.slice(i + 1));
      } else if (!this.#shorts(word, next)) return this.#nothingMore(words.slice(i + 1));
    }
  }

  imported(): Imported {
    const [first, ...others] = this.#urls;
    if (first === undefined) throw cannotUnderstand('curl', 'There is no URL in it.', 'Copy the whole command.');
    for (const part of others) this.leftOut.push({ part, reason: 'one endpoint has one URL; import it by itself' });
    const url = this.#withQuery(withScheme(first));
    const bare = url.replaceAll(/\{var\.\w+\}/g, 'x');
    if (!urlParts(bare) || !/^(https?|wss?):/i.test(url)) {
      throw cannotUnderstand(first, 'It is not a URL that can be followed.', 'Write it whole: https://host/path.');
    }
    const body = this.#data.length === 0 || this.#get ? null : this.#data.join(this.#json ? '' : '&');
    const headers = this.#headers.filter(([name]) => !this.#removed.has(name.toLowerCase()));
    const has = (name: string): boolean =>
      this.#removed.has(name) || headers.some(([key]) => key.toLowerCase() === name);
    if (this.#json && !has('accept')) headers.push(['Accept', 'application/json']);
    if (body !== null && !has('content-type')) {
      headers.push(['Content-Type', this.#json ? 'application/json' : 'application/x-www-form-urlencoded']);
    }
    const given: GivenRequest = { url, httpMethod: this.#method, headers, body, user: this.#user, known: null };
    return importedFrom(given, this.leftOut, this.#more());
  }

  #long(word: string, next: (name: string) => string): boolean {
    const [name, given] = splitAt(word.slice(2), '=');
    const flag = flagNamed(name);
    if (!flag) {
      const near = nearest(name, Object.keys(LONG_FLAGS));
      throw cannotUnderstand(
        word,
        'It is not an option of curl that Heartline knows.',
        near ? `Did you mean --${near}?` : 'Take it out, and import again.',
      );
    }
    const value = flag.value ? (given ?? next(`--${name}`)) : '';
    return this.#take(flag, value, flag.value ? `--${name} ${value}` : `--${name}`);
  }

  /** `-sSk`, `-XPOST`, `-H 'a: b'` */
  #shorts(word: string, next: (name: string) => string): boolean {
    for (let at = 1; at < word.length; at++) {
      const name = SHORT_FLAGS[word[at]!];
      const flag = name === undefined ? undefined : LONG_FLAGS[name];
      if (!flag) {
        const hint = 'Take it out, and import again.';
        throw cannotUnderstand(`-${word[at]}`, 'It is not an option of curl that Heartline knows.', hint);
      }
      const value = !flag.value ? '' : word.slice(at + 1) || next(`-${word[at]}`);
      const text = flag.value ? `-${word[at]} ${value}` : `-${word[at]}`;
      if (!this.#take(flag, value, text)) return false;
      if (flag.value) break;
    }
    return true;
  }

  #nothingMore(words: readonly string[]): void {
    if (words.length > 0) {
      this.leftOut.push({ part: `--next ${words.join(' ')}`, reason: 'it is another request; import it by itself' });
    }
  }

  /** @returns whether the command goes on */
  #take(flag: CurlFlag, value: string, text: string): boolean {
    if ('quiet' in flag) return true;
    if ('why' in flag) {
      this.leftOut.push({ part: text, reason: flag.why });
      return true;
    }
    if (flag.does === 'next') return false;
    this.#act(flag.does, value, text);
    return true;
  }

  #act(action: Exclude<CurlAction, 'next'>, value: string, text: string): void {
    switch (action) {
      case 'url':
        return void this.#urls.push(value);
      case 'method':
        return void (this.#method = value);
      case 'get':
        return void (this.#get = true);
      case 'header':
        return this.#header(value, text);
      case 'agent':
        return void this.#headers.push(['User-Agent', value]);
      case 'referer':
        return void this.#headers.push(['Referer', value.replace(/;auto$/, '')]);
      case 'cookie':
        if (value.includes('=')) return void this.#headers.push(['Cookie', value]);
        return this.#out(text, 'it names a file of cookies; give them as name=value');
      case 'user':
        return void (this.#user = value);
      case 'bearer':
        return void this.#headers.push(['Authorization', `Bearer ${value}`]);
      case 'data':
      case 'data-binary':
        if (value.startsWith('@')) return this.#out(text, 'its file is not read here; write the body itself');
        return void this.#data.push(action === 'data' ? value.replaceAll(/[\r\n]/g, '') : value);
      case 'data-raw':
        return void this.#data.push(value);
      case 'data-urlencode':
        return void this.#data.push(urlEncoded(value));
      case 'json':
        if (value.startsWith('@')) return this.#out(text, 'its file is not read here; write the body itself');
        this.#json = true;
        return void this.#data.push(value);
      case 'url-query':
        return void this.#query.push(value.startsWith('+') ? value.slice(1) : urlEncoded(value));
      case 'proxy':
        return void (this.#proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
      case 'proxy-user':
        return void (this.#proxyUser = value);
      case 'socks5':
        return void (this.#proxy = `socks5://${value}`);
      case 'socks5h':
        return void (this.#proxy = `socks5h://${value}`);
      case 'insecure':
        return void (this.#tls.insecure = true);
      case 'cacert':
        return void (this.#tls.ca = value);
      case 'cert':
        return this.#ownCert(value);
      case 'cert-type':
        return void (this.#certType = value.toUpperCase());
      case 'key':
        return void (this.#tls.key = value);
      case 'pass':
        return void (this.#pass = value);
      case 'connect-timeout': {
        const seconds = Number(value);
        if (!(seconds > 0)) throw cannotUnderstand(text, `${value} is no number of seconds.`, 'Take it out.');
        return void (this.#connectMs = Math.round(seconds * 1000));
      }
      case 'no-keepalive':
        return void (this.#keepAlive = false);
    }
  }

  #out(part: string, reason: string): void {
    this.leftOut.push({ part, reason });
  }

  /** `Name: value`; `Name;` has an empty value, `Name:` takes away what curl would send. */
  #header(value: string, text: string): void {
    if (value.startsWith('@')) return this.#out(text, 'its file is not read here; write the headers themselves');
    const m = /^([^\s:;]+)\s*([:;])\s*(.*)$/s.exec(value);
    if (!m) throw cannotUnderstand(text, 'It is not a header.', `Write -H 'Name: value'.`);
    const [, name = '', mark, said = ''] = m;
    if (mark === ':' && said.trim() === '') this.#removed.add(name.toLowerCase());
    else this.#headers.push([name, mark === ';' ? '' : said.trim()]);
  }

  /** `FILE` or `FILE:PASSWORD`; a drive's colon is none. */
  #ownCert(value: string): void {
    const at = value.indexOf(':', /^[A-Za-z]:[\\/]/.test(value) ? 2 : 0);
    this.#cert = at < 0 ? value : value.slice(0, at);
    if (at >= 0) this.#pass = value.slice(at + 1);
  }

  #withQuery(url: string): string {
    const more = [...(this.#get ? this.#data : []), ...this.#query];
    if (more.length === 0) return url;
    const [front, hash] = splitAt(url, '#');
    return `${front}${front.includes('?') ? '&' : '?'}${more.join('&')}${hash === undefined ? '' : `#${hash}`}`;
  }

  #more(): Partial<RemoteTarget> {
    const tls = { ...this.#tls };
    if (this.#cert !== null) {
      if (this.#certType === 'P12') tls.pfx = this.#cert;
      else tls.cert = this.#cert;
      if (this.#certType === 'PEM' && tls.key === undefined) tls.key = this.#cert; // both in one file, as curl has it
    }
    if (this.#pass !== null && this.#cert !== null) tls.passphrase = this.#pass;
    const proxy =
      this.#proxy !== null && this.#proxyUser !== null
        ? this.#proxy.replace('://', `://${this.#proxyUser.split(':').map(encodeURIComponent).join(':')}@`)
        : this.#proxy;
    return {
      ...(Object.keys(tls).length > 0 ? { tls } : {}),
      ...(proxy === null ? {} : { proxy }),
      ...(this.#connectMs === null ? {} : { timeouts: { connectMs: this.#connectMs } }),
      ...(this.#keepAlive ? {} : { keepAlive: false }),
    };
  }
}

/** By its whole name, or `--no-…` of a switch: it says that something is not done, which Heartline does not do either. */
function flagNamed(name: string): CurlFlag | undefined {
  if (Object.hasOwn(LONG_FLAGS, name)) return LONG_FLAGS[name];
  const without = /^no-(.+)$/.exec(name)?.[1];
  const flag = without !== undefined && Object.hasOwn(LONG_FLAGS, without) ? LONG_FLAGS[without] : undefined;
  return flag && !flag.value ? { value: false, quiet: true } : undefined;
}

const withScheme = (url: string): string => (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`);

/** `name=value`, `=value`, `value`: what stands behind the first `=` is encoded. */
function urlEncoded(text: string): string {
  const at = text.indexOf('=');
  const encode = (value: string): string => encodeURIComponent(value).replaceAll(/%7Bvar\.(\w+)%7D/gi, '{var.$1}');
  if (at < 0) return encode(text);
  return at === 0 ? encode(text.slice(1)) : `${text.slice(0, at)}=${encode(text.slice(at + 1))}`;
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
