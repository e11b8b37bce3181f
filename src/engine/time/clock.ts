/** The only file in shared, engine and rpc that touches real time. */
import type { Cancel, Clock, AbortSignalLike } from '../../shared/clock.ts';

/** The longest a Node timer may run before it wraps to 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Real time, `scale` times as fast. Starts at the wall clock and then follows the monotonic one, so that a wall-clock
 * step never moves a timer.
 */
export function realClock(scale = 1): Clock {
  const wall0 = Date.now();
  const mono0 = performance.now();
  const clock: Clock = {
    scale,
    now: () => wall0 + (performance.now() - mono0) * scale,
    unixTime: () => clock.now() + (Date.now() - wall0) - (performance.now() - mono0),
    after(ms, fn) {
      const due = clock.now() + ms;
      let timer: ReturnType<typeof setTimeout>;
      const arm = (): void => {
        const left = (due - clock.now()) / scale;
        timer = setTimeout(left > LONGEST_TIMER ? arm : fn, Math.min(Math.max(0, left), LONGEST_TIMER));
      };
      arm();
      return () => clearTimeout(timer);
    },
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
  };
  return clock;
}

/** `Clock.sleep` made of `Clock.after`; also what the fake clock and the freezing clock use. */
export function sleepOn(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignalLike): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const onAbort = (): void => {
      cancel();
      reject(aborted());
    };
    const cancel: Cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function aborted(): Error {
  return Object.assign(new Error('aborted'), { name: 'AbortError' });
}

/** Milliseconds that no step of the wall clock moves. */
export const monotonicTime = (): number => performance.now();

/** How far the wall clock ran ahead of the monotonic one since start: a real suspend shows here. */
export function suspendWatch(): () => number {
  let last = Date.now() - performance.now();
  return () => {
    const offset = Date.now() - performance.now();
    const jump = offset - last;
    last = offset;
    return jump;
  };
}
