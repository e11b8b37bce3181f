import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { isContentCoding, type ContentCoding } from '../../../shared/content-coding.ts';
import { Gunzip } from './gunzip.ts';

/** More codings over one another than this no server means. */
const MAX_CODINGS = 3;

export interface BodyCoding {
  /** As the head names it: `gzip`, `deflate, gzip`. */
  name: string;
  /** In the order of undoing; null: one of them is not known here. */
  undo: ContentCoding[] | null;
}

/** How a body is coded; null: as it is. */
export function bodyCoding(headers: IncomingHttpHeaders): BodyCoding | null {
  const names = (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length === 0) return null;
  const known = names.length <= MAX_CODINGS && names.every(isContentCoding);
  return { name: names.join(', ').slice(0, 100), undo: known ? names.filter(isContentCoding).reverse() : null };
}

/** What is said of a coding that cannot be undone here. */
export const unknownCoding = ({ name }: BodyCoding): string =>
  `answers with the content coding ${name}, which is not known here`;

interface DecoderOptions {
  /** @returns false: no more until `resume` */
  onData(chunk: Buffer): boolean;
  onError(error: Error): void;
  /** More may be written, after a `write` that gave false. */
  onDrain(): void;
}

export interface ContentDecoder {
  /** @returns false: wait for `onDrain` */
  write(chunk: Buffer): boolean;
  /** No more is to come: calls back when all has been handed out, with an error where the coding is not complete. */
  end(done: (error: Error | null) => void): void;
  resume(): void;
  destroy(): void;
}

/** Undoes codings one after the other, as bytes come: what was flushed is handed out without waiting for more. */
export function contentDecoder([first, ...rest]: ContentCoding[], o: DecoderOptions): ContentDecoder {
  if (rest.length === 0) return new OneDecoder(first!, o);
  const inner = contentDecoder(rest, { ...o, onDrain: () => outer.resume() });
  const outer = new OneDecoder(first!, { ...o, onData: (chunk) => inner.write(chunk) });
  return {
    write: (chunk) => outer.write(chunk),
    end: (done) => outer.end((error) => (error ? done(error) : inner.end(done))),
    resume: () => inner.resume(),
    destroy() {
      outer.destroy();
      inner.destroy();
    },
  };
}

class OneDecoder implements ContentDecoder {
  readonly #coding: ContentCoding;
  readonly #o: DecoderOptions;
  #stream: Transform | null = null;
  /** The first byte of a `deflate` whose second decides what it is. */
  #held: Buffer = Buffer.alloc(0);
  #decoded = 0;
  /** The coding is complete, or broken: what follows is not read. */
  #over = false;
  #done: ((error: Error | null) => void) | null = null;

  constructor(coding: ContentCoding, o: DecoderOptions) {
    this.#coding = coding;
    this.#o = o;
  }

  write(chunk: Buffer): boolean {
    if (this.#over || chunk.length === 0) return true;
    if (this.#stream) return this.#stream.write(chunk);
    const start = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    if (this.#coding === 'deflate' && start.length < 2) {
      this.#held = start;
      return true;
    }
    return this.#open(start).write(start);
  }

  end(done: (error: Error | null) => void): void {
    if (this.#over || (!this.#stream && this.#held.length === 0)) return done(null);
    this.#done = done;
    if (this.#stream) this.#stream.end();
    else this.#open(this.#held).end(this.#held);
  }

  resume(): void {
    this.#stream?.resume();
  }

  destroy(): void {
    this.#over = true;
    this.#stream?.destroy();
  }

  #open(start: Buffer): Transform {
    const stream = (this.#stream = inflater(this.#coding, start));
    stream.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      this.#decoded += chunk.length;
      if (!this.#o.onData(chunk)) stream.pause();
    });
    stream.on('drain', () => this.#over || this.#o.onDrain());
    stream.on('end', () => this.#finish(null));
    stream.on('error', (error: NodeJS.ErrnoException) => this.#finish(isTrailing(error, this.#decoded) ? null : error));
    return stream;
  }

  #finish(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#done) this.#done(error);
    else if (error) this.#o.onError(error);
    // whoever waits to write may go on: it is not read
    else this.#o.onDrain();
  }
}

function inflater(coding: ContentCoding, start: Buffer): Transform {
  if (coding === 'br') return zlib.createBrotliDecompress();
  if (coding === 'zstd') return zlib.createZstdDecompress();
  if (coding !== 'deflate') return new Gunzip();
  // `deflate` is the zlib format (RFC 9110, 8.4.1.2), but servers have sent it bare, and every browser reads both
  const isZlib = (start[0]! & 0x0f) === 8 && start.length > 1 && start.readUInt16BE(0) % 31 === 0;
  return isZlib ? zlib.createInflate() : zlib.createInflateRaw();
}

/** What follows a complete frame and is none itself is no part of the body. */
const isTrailing = ({ code }: NodeJS.ErrnoException, decoded: number): boolean =>
  decoded > 0 && code === 'ZSTD_error_prefix_unknown';
