import type { Framing } from './body-framing.ts';
import { MalformedMessage, TOKEN } from './message.ts';
import { HEAD_LIMIT, parseTrailerField } from './parse-head.ts';

const LINE_LIMIT = 8 * 1024;
const CR = 13;
const LF = 10;
const SIZE_DIGITS = 12;
/** What a byte is worth as a hexadecimal digit; -1 where it is none. */
const HEX = Int8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? parseInt(String.fromCharCode(byte), 16) : -1,
);
/** RFC 9112, 7.1.1: `;name`, `;name=token` or `;name="text"`, as often as it likes. */
const TOKEN_TEXT = TOKEN.source.slice(1, -1);
const EXTENSIONS = new RegExp(
  `^(?:[ \\t]*;[ \\t]*${TOKEN_TEXT}(?:[ \\t]*=[ \\t]*(?:${TOKEN_TEXT}|"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"))?)*$`,
);

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
   * @throws MalformedMessage when they cannot
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
    const end = bytes.indexOf(LF, from);
    const upTo = end < 0 ? bytes.length : end;
    this.#line += bytes.toString('latin1', from, upTo);
    if (this.#line.length > LINE_LIMIT) throw new MalformedMessage('A chunk has no clear end.');
    // The data of a chunk ends in CRLF and nothing else: no need to wait for more.
    if (this.#state === 'data-end' && !'\r'.startsWith(this.#line))
      throw new MalformedMessage('A chunk is longer than its size.');
    if (end < 0) return bytes.length;
    if (!this.#line.endsWith('\r')) throw new MalformedMessage('A line of a chunk ends in LF without CR.');
    const line = this.#line.slice(0, -1);
    this.#line = '';
    this.#takeLine(line);
    return end + 1;
  }

  #takeLine(line: string): void {
    if (this.#state === 'data-end') {
      this.#state = 'size';
    } else if (this.#state === 'size') {
      this.#remaining = chunkSize(line);
      this.#state = this.#remaining === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      this.done = true;
    } else {
      // Trailer fields are read and not passed on (RFC 9110, 6.5.1).
      parseTrailerField(line);
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > HEAD_LIMIT) throw new MalformedMessage('The trailer is too long.', 431);
    }
  }
}

/** @throws MalformedMessage */
function chunkSize(line: string): number {
  const size = /^0*([0-9a-fA-F]+)/.exec(line);
  if (!size || size[1]!.length > SIZE_DIGITS || !EXTENSIONS.test(line.slice(size[0].length)))
    throw new MalformedMessage('The size of a chunk is malformed.');
  return parseInt(size[1]!, 16);
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
