/** Time as the engine knows it. The only implementations that touch real timers live in `engine/time/clock.ts`. */

/** The least an aborting signal must offer; a DOM or Node `AbortSignal` is one. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Undoes what it was returned by; calling it twice does no harm. */
export type Cancel = () => void;

export interface Clock {
  /** Engine time, Unix milliseconds. May carry a fraction; round before it leaves the engine. */
  now(): number;
  /**
   * What the wall clock says: it follows its steps, and a suspend of the computer, which `now` does not. For times that
   * are shown to others; a duration is measured by `now`.
   */
  unixTime(): number;
  /** How many engine milliseconds pass in one real millisecond; 1 unless the run is scaled. */
  readonly scale: number;
  /** Calls `fn` once after `ms` engine milliseconds. */
  after(ms: number, fn: () => void): Cancel;
  /** Resolves after `ms` engine milliseconds; rejects with an `AbortError`-named error when the signal aborts. */
  sleep(ms: number, signal?: AbortSignalLike): Promise<void>;
}
