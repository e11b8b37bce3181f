import type { Signal } from '../../client/connection/signal.ts';

/** Coded bytes from which nothing was read for so long are held back, not on their way. */
export const CODING_HOLD_MS = 3000;
/** What a sync flush of deflate ends with (RFC 1951, 3.2.4): an empty stored block. */
const SYNC_FLUSH = [0x00, 0x00, 0xff, 0xff];
const HINT =
  'Let the server flush after each event, leave streams out of compression, or send Cache-Control: no-transform; --accept-encoding off asks for them as they are.';

/** Notices that a content coding holds the events of a stream back: bytes come, and nothing can be read from them. */
export class CodingWatch {
  readonly #coding: string;
  /** Coded bytes since something was last read, and when the first of them came. */
  #coded = 0;
  #since = 0;
  /** Decoded bytes since then: a long event that is on its way. */
  #decoded = 0;
  #any = false;
  #tail: number[] = [];
  #armed = true;
  #reported = false;

  constructor(coding: string) {
    this.#coding = coding;
  }

  /** @returns whether to look again after `CODING_HOLD_MS` */
  coded(chunk: Uint8Array, now: number): boolean {
    this.#any = true;
    if (this.#coded === 0) this.#since = now;
    this.#coded += chunk.length;
    this.#tail = [...this.#tail, ...chunk.subarray(-SYNC_FLUSH.length)].slice(-SYNC_FLUSH.length);
    if (this.#armed || this.#reported) return false;
    this.#armed = true;
    return true;
  }

  /** @param parts how many fields, comments and events were read from these bytes */
  decoded(bytes: number, parts: number): void {
    if (parts > 0) this.#coded = this.#decoded = 0;
    else this.#decoded += bytes;
  }

  /** The time is up. Reports at most once. @returns a number: look again after so many ms */
  notice(now: number): Signal | number | null {
    const left = this.#since + CODING_HOLD_MS - now;
    if (this.#coded > 0 && left > 0) return left;
    this.#armed = false;
    const flushed = SYNC_FLUSH.every((byte, i) => this.#tail[i] === byte);
    const held = this.#coded > 0 && this.#decoded === 0 && !flushed;
    if (this.#reported || (this.#any && !held)) return null;
    this.#reported = true;
    const message = held
      ? `The answer is compressed (${this.#coding}): ${this.#coded} bytes have come and no event could be read from them; the coding holds events back.`
      : `The answer is compressed (${this.#coding}) and not a byte of it has come after its head: if the server has sent events, the coding holds them back.`;
    return { kind: 'notice', level: 'warn', code: 'compressed', message, hint: HINT };
  }
}
