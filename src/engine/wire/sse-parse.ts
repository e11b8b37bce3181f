/**
 * The event-stream parser of WHATWG HTML, 9.2.5 and 9.2.6, byte by byte: `feed` takes bytes cut anywhere and gives what
 * they complete. Lines are found in bytes (CR, LF and CRLF are ASCII, so no character is ever cut) and decoded whole.
 */
import { DEFAULTS } from '../../shared/defaults.ts';
import { adviceOfDigits } from './numbers.ts';

export type SsePart =
  | {
      part: 'event';
      type: string;
      data: string;
      /** The last event ID once this event is dispatched; sticky. */
      lastEventId: string;
      /** Whether this very block carried an `id`. */
      ownId: boolean;
      /** Fields the standard does not know, by name; the last of a name counts. */
      extra: Record<string, string>;
      /** Bytes of the block as it stood on the wire; the LF of a CRLF counts to what follows, wherever it arrives. */
      bytes: number;
    }
  /** A block without data moved the last event ID. */
  | { part: 'id'; lastEventId: string }
  | { part: 'comment'; text: string; bytes: number }
  /** At most an hour. */
  | { part: 'retry'; ms: number }
  /** A line as it stood; only when asked for. */
  | { part: 'line'; text: string; bytes: number }
  /** A line or an event grew past the limit. The parser takes no more. */
  | { part: 'too-long'; what: 'line' | 'event'; limit: number };

const LF = 10;
const CR = 13;

export class SseParser {
  readonly #lines: boolean;
  readonly #lineLimit: number;
  readonly #eventLimit: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #skipLf = false;
  #firstLine = true;
  #overflowed = false;
  // the buffers of 9.2.6
  #data: string[] = [];
  #dataLength = 0;
  #type = '';
  #idBuffer = '';
  #lastEventId: string;
  #ownId = false;
  #extra: Record<string, string> = {};
  #bytes = 0;

  /** @param options.lines also hand out every line, for whoever shows the wire */
  constructor(options: { lines?: boolean; lineLimit?: number; eventLimit?: number; lastEventId?: string } = {}) {
    this.#lines = options.lines ?? false;
    this.#lineLimit = options.lineLimit ?? DEFAULTS.limits.sseLine;
    this.#eventLimit = options.eventLimit ?? DEFAULTS.limits.answer;
    this.#lastEventId = this.#idBuffer = options.lastEventId ?? '';
  }

  feed(chunk: Uint8Array): SsePart[] {
    const out: SsePart[] = [];
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    if (this.#skipLf && bytes.length > 0) {
      this.#skipLf = false;
      if (bytes[0] === LF) {
        start = 1;
        this.#bytes++;
      }
    }
    const endOfLine = endsOfLines(bytes);
    while (!this.#overflowed) {
      const end = endOfLine(start);
      if (end < 0) break;
      if (this.#pendingBytes + end - start > this.#lineLimit) return this.#tooLong(out, 'line', this.#lineLimit);
      const line = this.#pendingBytes > 0 ? this.#joined(bytes.subarray(start, end)) : bytes.subarray(start, end);
      this.#line(line, line.length + 1, out);
      start = end + 1;
      if (bytes[end] !== CR) continue;
      // a lone CR ends the line at once; an LF after it belongs to it, even in the next chunk
      if (start === bytes.length) this.#skipLf = true;
      else if (bytes[start] === LF) {
        start++;
        this.#bytes++;
      }
    }
    if (this.#overflowed) return out;
    if (start < bytes.length) {
      const rest = bytes.subarray(start);
      if (this.#pendingBytes + rest.length > this.#lineLimit) return this.#tooLong(out, 'line', this.#lineLimit);
      this.#pending.push(Buffer.from(rest)); // a copy: the chunk may be used again
      this.#pendingBytes += rest.length;
    }
    return out;
  }

  #joined(tail: Buffer): Buffer {
    const line = Buffer.concat([...this.#pending, tail]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }

  #tooLong(out: SsePart[], what: 'line' | 'event', limit: number): SsePart[] {
    this.#overflowed = true;
    this.#pending = [];
    this.#data = [];
    out.push({ part: 'too-long', what, limit });
    return out;
  }

  /** @param size bytes of the line with its end */
  #line(raw: Buffer, size: number, out: SsePart[]): void {
    if (this.#firstLine) {
      this.#firstLine = false;
      if (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) raw = raw.subarray(3);
    }
    this.#bytes += size;
    const text = raw.toString('utf8'); // keeps a later BOM, replaces what is not UTF-8, as the standard's decoder does
    if (this.#lines) out.push({ part: 'line', text, bytes: size });
    if (text === '') return this.#dispatch(out);
    const colon = text.indexOf(':');
    if (colon === 0) {
      out.push({ part: 'comment', text: text.slice(text[1] === ' ' ? 2 : 1), bytes: size });
      return;
    }
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    this.#field(name, value, out);
  }

  #field(name: string, value: string, out: SsePart[]): void {
    switch (name) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data.push(value);
        this.#dataLength += value.length + 1;
        if (this.#dataLength > this.#eventLimit) this.#tooLong(out, 'event', this.#eventLimit);
        break;
      case 'id':
        if (value.includes('\0')) break;
        this.#idBuffer = value;
        this.#ownId = true;
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) out.push({ part: 'retry', ms: adviceOfDigits(value) });
        break;
      default:
        if (name.length <= 64 && Object.keys(this.#extra).length < 16) this.#extra[name] = value;
    }
  }

  #dispatch(out: SsePart[]): void {
    const moved = this.#idBuffer !== this.#lastEventId;
    this.#lastEventId = this.#idBuffer;
    if (this.#data.length > 0) {
      out.push({
        part: 'event',
        type: this.#type === '' ? 'message' : this.#type,
        data: this.#data.join('\n'),
        lastEventId: this.#lastEventId,
        ownId: this.#ownId,
        extra: this.#extra,
        bytes: this.#bytes,
      });
    } else if (moved) {
      out.push({ part: 'id', lastEventId: this.#lastEventId });
    }
    this.#data = [];
    this.#dataLength = 0;
    this.#type = '';
    this.#ownId = false;
    this.#extra = {};
    this.#bytes = 0;
  }
}

/** Finds the ends of lines one after another, reading a chunk once for each of the two, however often it is asked. */
function endsOfLines(bytes: Buffer): (from: number) => number {
  let lf = -1;
  let cr = -1;
  // once past the last one it stays at the end, and is not looked for again
  const next = (what: number, at: number, from: number): number => {
    if (at >= from) return at;
    const found = bytes.indexOf(what, from);
    return found < 0 ? bytes.length : found;
  };
  return (from) => {
    lf = next(LF, lf, from);
    cr = next(CR, cr, from);
    const end = Math.min(lf, cr);
    return end === bytes.length ? -1 : end;
  };
}
