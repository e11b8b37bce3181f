import { Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';

const TRAILER_BYTES = 8;
/** A piece unfolds to a thousand times its size at most, and the next waits until that has been read. */
const PIECE_BYTES = 1024;
/** A header with longer names and comments than this is no header. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Reads gzip members one after the other (RFC 1952, 2.2), and ends with the last of them: what follows and begins no
 * other member is not read. (Node's own gunzip loses the end of a member that garbage follows in the same piece.)
 */
export class Gunzip extends Transform {
  #state: 'header' | 'body' | 'trailer' | 'over' = 'header';
  /** Of a header or trailer that is not complete. */
  #pending: Buffer = Buffer.alloc(0);
  #inflate: zlib.InflateRaw | null = null;
  #crc = 0;
  #size = 0;
  #members = 0;
  /** What goes on when the piece that is under way has been read. */
  #next: ((error: Error | null, consumed: number) => void) | null = null;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#take(chunk, done);
  }

  override _flush(done: TransformCallback): void {
    const complete = this.#members > 0 && (this.#state === 'header' || this.#state === 'over');
    done(complete ? null : new Error('unexpected end of file'));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inflate?.destroy();
    done(error);
  }

  #take(bytes: Buffer, done: TransformCallback): void {
    if (bytes.length === 0 || this.#state === 'over') return done();
    if (this.#state === 'body') return this.#body(bytes, done);
    const all = (this.#pending = Buffer.concat([this.#pending, bytes]));
    if (this.#state === 'header') return this.#header(all, done);
    if (all.length < TRAILER_BYTES) return done();
    if (all.readUInt32LE(0) !== this.#crc) return done(new Error('incorrect data check'));
    if (all.readUInt32LE(4) !== this.#size) return done(new Error('incorrect length check'));
    this.#members++;
    this.#become('header');
    this.#take(all.subarray(TRAILER_BYTES), done);
  }

  #header(all: Buffer, done: TransformCallback): void {
    const length = headerLength(all);
    if (length === 'more') return done();
    if (length === 'none' && this.#members === 0) return done(new Error('incorrect header check'));
    if (length === 'none') this.#become('over');
    else {
      this.#become('body');
      this.#crc = this.#size = 0;
      this.#inflate = this.#newInflate();
    }
    this.#take(length === 'none' ? all : all.subarray(length), done);
  }

  #body(bytes: Buffer, done: TransformCallback): void {
    const inflate = this.#inflate!;
    const piece = bytes.subarray(0, PIECE_BYTES);
    const before = inflate.bytesWritten;
    const next = (this.#next = (error: Error | null, consumed: number): void => {
      this.#next = null;
      if (error) return done(error);
      this.#take(bytes.subarray(consumed - before), done);
    });
    inflate.write(piece, () => {
      // where not all was taken the member is complete, and 'end' goes on
      const taken = !inflate.destroyed && inflate.bytesWritten === before + piece.length;
      if (taken && this.#next === next) next(null, inflate.bytesWritten);
    });
  }

  #newInflate(): zlib.InflateRaw {
    const inflate = zlib.createInflateRaw();
    inflate.on('data', (chunk: Buffer) => {
      this.#crc = zlib.crc32(chunk, this.#crc);
      this.#size = (this.#size + chunk.length) % 2 ** 32;
      this.push(chunk);
    });
    // the last block is complete; what it did not take follows
    inflate.on('end', () => {
      const consumed = inflate.bytesWritten;
      inflate.destroy();
      this.#become('trailer');
      this.#next?.(null, consumed);
    });
    inflate.on('error', (error) => this.#next?.(error, 0));
    return inflate;
  }

  #become(state: 'header' | 'body' | 'trailer' | 'over'): void {
    this.#state = state;
    this.#pending = Buffer.alloc(0);
  }
}

/** How long the header is with which `b` begins; `more`: that is not known yet; `none`: it begins with no header. */
function headerLength(b: Buffer): number | 'more' | 'none' {
  const magic = [0x1f, 0x8b, 8];
  if (magic.some((byte, i) => i < b.length && b[i] !== byte) || b.length > MAX_HEADER_BYTES * 2) return 'none';
  if (b.length < 10) return 'more';
  const flags = b[3]!;
  if (flags & 0xe0) return 'none';
  let at = 10;
  if (flags & 4) {
    if (b.length < at + 2) return 'more';
    at += 2 + b.readUInt16LE(at);
  }
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const end = b.indexOf(0, at);
    if (end < 0) return b.length > MAX_HEADER_BYTES ? 'none' : 'more';
    at = end + 1;
  }
  if (flags & 2) at += 2;
  return b.length < at ? 'more' : at;
}
