/** HTTP/1.1 messages on the bytes of a connection (RFC 9112): heads, and where a body ends. */

export type Field = [name: string, value: string];

export interface RequestHead {
  method: string;
  target: string;
  version: '1.0' | '1.1';
  fields: Field[];
}

export interface ResponseHead {
  status: number;
  reason: string;
  version: '1.0' | '1.1';
  fields: Field[];
}

/** How the end of a body is told. `close`: by the end of the connection. */
export type Framing = { by: 'nothing' } | { by: 'length'; length: number } | { by: 'chunks' } | { by: 'close' };

/** The bytes are not HTTP. `status` is what a server answers to such a request. */
export class MalformedMessage extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

const HEAD_LIMIT = 64 * 1024;
const LINE_LIMIT = 8 * 1024;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEAD_END = Buffer.from('\r\n\r\n');
const CR = 13;
const LF = 10;
const SIZE_DIGITS = 12;
/** What a byte is worth as a hexadecimal digit; -1 where it is none. */
const HEX = Int8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? parseInt(String.fromCharCode(byte), 16) : -1,
);

/**
 * Where the head that starts the bytes ends: the offset after its empty line, or -1 while it is not all there.
 * @throws Malformed 431 when it is longer than a head may be
 */
export function headEnd(bytes: Buffer): number {
  const at = bytes.indexOf(HEAD_END);
  if ((at < 0 ? bytes.length : at) > HEAD_LIMIT) throw new MalformedMessage('The head is too long.', 431);
  return at < 0 ? -1 : at + 4;
}

/** @throws Malformed */
export function parseRequest(head: Buffer): RequestHead {
  const [first, fields] = parseHead(head);
  const m = /^(\S+) (\S+) HTTP\/1\.([01])$/.exec(first);
  if (!m || !TOKEN.test(m[1]!)) throw new MalformedMessage('The request line is not one.');
  return { method: m[1]!, target: m[2]!, version: m[3] === '1' ? '1.1' : '1.0', fields };
}

/** @throws Malformed */
export function parseResponse(head: Buffer): ResponseHead {
  const [first, fields] = parseHead(head);
  const m = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(first);
  if (!m) throw new MalformedMessage('The status line is not one.', 502);
  return { status: Number(m[2]), reason: m[3] ?? '', version: m[1] === '1' ? '1.1' : '1.0', fields };
}

function parseHead(head: Buffer): [first: string, fields: Field[]] {
  const all = head.toString('latin1', 0, head.length - 4).split('\r\n');
  const fields: Field[] = [];
  for (let i = 1; i < all.length; i++) {
    const line = all[i]!;
    const colon = line.indexOf(':');
    // RFC 9112, 5.1 and 5.2: no white space before the colon, and no folded lines.
    if (colon <= 0 || !TOKEN.test(line.slice(0, colon))) throw new MalformedMessage('A header field is not one.');
    fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return [all[0]!, fields];
}

/** The combined value of all fields of that name (RFC 9110, 5.3). `name` in lower case. */
export function field(head: { fields: Field[] }, name: string): string | undefined {
  let value: string | undefined;
  for (const [n, v] of head.fields) {
    if (n.length === name.length && n.toLowerCase() === name) value = value === undefined ? v : `${value}, ${v}`;
  }
  return value;
}

export function dropField(head: { fields: Field[] }, ...names: string[]): void {
  head.fields = head.fields.filter(([n]) => !names.includes(n.toLowerCase()));
}

/** Replaces in place, so that the order of fields stays. */
export function setField(head: { fields: Field[] }, name: string, value: string): void {
  const at = head.fields.findIndex(([n]) => n.toLowerCase() === name.toLowerCase());
  if (at >= 0) head.fields[at] = [head.fields[at]![0], value];
  else head.fields.push([name, value]);
}

/** Whether a list such as Connection or Accept-Encoding names it. */
export function listIncludes(value: string | undefined, word: string): boolean {
  return value !== undefined && value.split(',').some((v) => v.trim().split(';')[0]!.toLowerCase() === word);
}

/**
 * RFC 9112, 6.3. A request with both Transfer-Encoding and Content-Length is refused: it may be smuggled.
 * @throws Malformed
 */
export function requestFraming(head: RequestHead): Framing {
  const encoding = field(head, 'transfer-encoding');
  const length = field(head, 'content-length');
  if (encoding !== undefined) {
    if (length !== undefined || encoding.toLowerCase() !== 'chunked')
      throw new MalformedMessage('The body has no clear end.');
    return { by: 'chunks' };
  }
  return length === undefined ? { by: 'nothing' } : { by: 'length', length: lengthOf(length) };
}

/** @throws Malformed */
export function responseFraming(head: ResponseHead, method: string): Framing {
  if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status < 200) return { by: 'nothing' };
  const encoding = field(head, 'transfer-encoding');
  if (encoding !== undefined) return /(^|,)\s*chunked\s*$/i.test(encoding) ? { by: 'chunks' } : { by: 'close' };
  const length = field(head, 'content-length');
  return length === undefined ? { by: 'close' } : { by: 'length', length: lengthOf(length) };
}

function lengthOf(text: string): number {
  const values = new Set(text.split(',').map((v) => v.trim()));
  const [only] = values;
  if (values.size !== 1 || !/^\d{1,15}$/.test(only!)) throw new MalformedMessage('Content-Length is not a number.');
  return Number(only);
}

/** Reads one body: what of it is payload, and where it ends. */
export class BodyReader {
  done: boolean;
  readonly by: Framing['by'];
  #remaining = 0;
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #line = '';
  #trailerBytes = 0;

  constructor(framing: Framing) {
    this.by = framing.by;
    if (framing.by === 'length') this.#remaining = framing.length;
    this.done = framing.by === 'nothing' || (framing.by === 'length' && framing.length === 0);
  }

  /**
   * Takes bytes up to the end of the body and hands on the payload in them.
   * @returns how many bytes belonged to the body
   * @throws Malformed when they cannot
   */
  read(bytes: Buffer, payload: (bytes: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && !this.done) {
      if (this.by === 'close') {
        payload(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      }
      if (this.by === 'length' || this.#state === 'data') {
        const n = Math.min(this.#remaining, bytes.length - at);
        this.#remaining -= n;
        const whole = this.#remaining === 0;
        if (whole && this.by === 'length') this.done = true;
        else if (whole) this.#state = 'data-end';
        payload(bytes.subarray(at, at + n));
        at += n;
        continue;
      }
      at = this.#readLine(bytes, at);
    }
    return at;
  }

  /**
   * How many of the bytes are whole chunks from here, which may go on as they stand: none within a chunk, and none that
   * has an extension, which is about one connection. Takes nothing, as it ends where it began: between two chunks.
   */
  wholeChunks(bytes: Buffer): number {
    if (this.by !== 'chunks' || this.#state !== 'size' || this.#line !== '') return 0;
    let whole = 0;
    for (;;) {
      let size = 0;
      let at = whole;
      for (let digit; (digit = HEX[bytes[at]!] ?? -1) >= 0 && at < whole + SIZE_DIGITS; at++) size = size * 16 + digit;
      const end = at + 2 + size + 2;
      if (size === 0 || end > bytes.length) return whole;
      if (bytes[at] !== CR || bytes[at + 1] !== LF || bytes[end - 2] !== CR || bytes[end - 1] !== LF) return whole;
      whole = end;
    }
  }

  /** One line of chunked structure: a size, the end of a chunk, a trailer field. */
  #readLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(10, from);
    const upTo = end < 0 ? bytes.length : end;
    this.#line += bytes.toString('latin1', from, upTo);
    if (this.#line.length > LINE_LIMIT) throw new MalformedMessage('A chunk has no clear end.');
    if (end < 0) return bytes.length;
    if (!this.#line.endsWith('\r')) throw new MalformedMessage('A chunk has no clear end.');
    const line = this.#line.slice(0, -1);
    this.#line = '';
    if (this.#state === 'size') {
      const size = /^([0-9a-fA-F]{1,12})[ \t]*(;.*)?$/.exec(line);
      if (!size) throw new MalformedMessage('A chunk size is not one.');
      this.#remaining = parseInt(size[1]!, 16);
      this.#state = this.#remaining === 0 ? 'trailer' : 'data';
    } else if (this.#state === 'data-end') {
      if (line !== '') throw new MalformedMessage('A chunk has no clear end.');
      this.#state = 'size';
    } else {
      // Trailer fields are read and not passed on (RFC 9110, 6.5.1).
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > HEAD_LIMIT) throw new MalformedMessage('The trailer is too long.');
      if (line === '') this.done = true;
    }
    return end + 1;
  }
}

export function writeHead(first: string, fields: readonly Field[]): string {
  let text = `${first}\r\n`;
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** Payload as one chunk. */
export function encodeChunk(payload: Uint8Array): Buffer {
  const size = payload.length.toString(16);
  const out = Buffer.allocUnsafe(size.length + payload.length + 4);
  out.write(`${size}\r\n`, 0, 'latin1');
  out.set(payload, size.length + 2);
  out.write('\r\n', size.length + 2 + payload.length, 'latin1');
  return out;
}

/** Fields that are about one connection and are not passed on (RFC 9110, 7.6.1). */
export function dropHopByHop(head: { fields: Field[] }): void {
  const connection = field(head, 'connection');
  const named = connection === undefined ? [] : connection.split(',').map((v) => v.trim().toLowerCase());
  dropField(head, 'connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade', ...named);
}
