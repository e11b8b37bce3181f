import type { Clock } from '../../../shared/clock.ts';
import type { Emit, BodyFilter } from './policy.ts';

/** Bytes wait until there is a block of them, or the end. */
export class BlockFilter implements BodyFilter {
  readonly holdsHead: boolean;
  #emit: Emit;
  #size: number;
  #held: Uint8Array[] = [];
  #bytes = 0;

  /** @param size Infinity holds all to the end */
  constructor(emit: Emit, size: number, holdsHead: boolean) {
    this.#emit = emit;
    this.#size = size;
    this.holdsHead = holdsHead;
  }

  push(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < this.#size) return;
    const all = Buffer.concat(this.#held);
    const whole = all.length - (all.length % this.#size);
    this.#held = whole < all.length ? [all.subarray(whole)] : [];
    this.#bytes = all.length - whole;
    this.#emit(all.subarray(0, whole));
  }

  end(): void {
    const all = Buffer.concat(this.#held);
    this.#held = [];
    this.#bytes = 0;
    if (all.length > 0) this.#emit(all);
  }

  drop(): void {
    this.#held = [];
  }
}

/** The head waits for the first byte of the body; the body itself does not wait. */
export class FirstByteFilter implements BodyFilter {
  readonly holdsHead = true;
  #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  push(bytes: Uint8Array): void {
    this.#emit(bytes);
  }

  end(): void {}
  drop(): void {}
}

/**
 * What comes waits this long for company, then all of it goes together: as on a corked TCP socket. A kernel lets the
 * pieces go sooner when they are more than one of its buffers has room for.
 */
export class DelayFilter implements BodyFilter {
  readonly holdsHead = true;
  #emit: Emit;
  #ms: number;
  #maxPieces: number;
  #clock: Clock;
  #held: Uint8Array[] = [];
  #cancel: (() => void) | null = null;

  constructor(emit: Emit, ms: number, most: number, clock: Clock) {
    this.#emit = emit;
    this.#ms = ms;
    this.#maxPieces = most;
    this.#clock = clock;
    this.#arm();
  }

  #arm(): void {
    this.#cancel ??= this.#clock.after(this.#ms, () => {
      this.#cancel = null;
      this.end();
    });
  }

  push(bytes: Uint8Array): void {
    this.#held.push(bytes);
    if (this.#held.length >= this.#maxPieces) this.end();
    else this.#arm();
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = null;
    const all = Buffer.concat(this.#held);
    this.#held = [];
    this.#emit(all);
  }

  drop(): void {
    this.#cancel?.();
    this.#held = [];
  }
}

/** What came last goes when the next comes. */
export class OneBehindFilter implements BodyFilter {
  readonly holdsHead = false;
  #emit: Emit;
  #last: Uint8Array | null = null;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  push(bytes: Uint8Array): void {
    const last = this.#last;
    this.#last = bytes;
    if (last) this.#emit(last);
  }

  end(): void {
    const last = this.#last;
    this.#last = null;
    if (last) this.#emit(last);
  }

  drop(): void {
    this.#last = null;
  }
}
