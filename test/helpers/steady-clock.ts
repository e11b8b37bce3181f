import { realClock, sleepOn } from '../../src/engine/time/clock.ts';
import type { Clock } from '../../src/shared/clock.ts';

/** How often it is looked whether this process still gets its turns, and the most time one turn may be said to take. */
const LOOK_MS = 5;
const MOST_MS = 20;

const BEGAN = Date.now();
let looked = performance.now();
let lived = 0;

/** Real milliseconds in which this process had its turns. */
function look(): number {
  const now = performance.now();
  lived += Math.min(now - looked, MOST_MS);
  looked = now;
  return lived;
}
setInterval(look, LOOK_MS).unref();

/**
 * Real time, `scale` times as fast, that stands still while this process does. On a busy machine half a second without
 * a turn would be ten of a scaled run, in which every limit strikes before a byte is read. Only for what lives in one
 * process: nobody else's time stands still with it.
 */
export function steadyClock(scale = 1): Clock {
  // those in real time agree, as wall clocks do
  const [wall0, lived0] = scale === 1 ? [BEGAN, 0] : [Date.now(), look()];
  const clock: Clock = {
    scale,
    now: () => wall0 + (look() - lived0) * scale,
    unixTime: () => clock.now(),
    after(ms, fn) {
      const due = clock.now() + ms;
      let timer: ReturnType<typeof setTimeout>;
      const arm = (): void => {
        timer = setTimeout(() => (clock.now() < due ? arm() : fn()), Math.max(0, due - clock.now()) / scale);
      };
      arm();
      return () => clearTimeout(timer);
    },
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
  };
  return clock;
}

/** For a lab: a run at a scale is all in this process; one in real time may have others in it. */
export const labClock = (scale: number): Clock => (scale === 1 ? realClock() : steadyClock(scale));
