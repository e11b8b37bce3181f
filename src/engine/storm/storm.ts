import { ADVICES, type StormResult, type StormSpec } from '../../shared/storm.ts';
import type { Clock } from '../../shared/clock.ts';
import { BIN_MS, playOutage, playReturn, type Course } from './course.ts';
import { safeWindow } from './safe-window.ts';

/** So many bins a histogram has at most. */
const MAX_BARS = 240;

/** Real milliseconds of playing before others get their turn. */
const TURN_MS = 8;

/**
 * Plays a storm by every advice a server may give, and finds the window that would have been safe. Others get their turn
 * in between; `whole` plays it in one go.
 */
export async function playStorm(spec: StormSpec, clock: Clock, whole = false): Promise<StormResult> {
  const began = clock.now();
  const turns = async <T>(steps: Generator<undefined, T>): Promise<T> => {
    let until = clock.now() + TURN_MS * clock.scale;
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (whole || clock.now() < until) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      until = clock.now() + TURN_MS * clock.scale;
    }
  };
  const outage = await turns(playOutage(spec));
  const courses: Course[] = [];
  // who turns nobody away has nothing to advise
  for (const advice of spec.capacity === null ? (['none'] as const) : ADVICES) {
    courses.push(await turns(playReturn(spec, outage, advice)));
  }
  const safeWindowMs = await turns(safeWindow(spec));
  const plain = courses[0]!;
  return {
    ...spec,
    peak: plain.peak,
    overCapacity: plain.overCapacity,
    allBackMs: plain.allBackMs,
    attempts: plain.attempts,
    safeWindowMs,
    advice: courses.map(({ attemptsByBin: _a, connectedByBin: _c, ...course }) => course),
    histogram: histogramOf(plain, spec.outageMs),
    tookMs: Math.round((clock.now() - began) / clock.scale),
  };
}

/** Up to when all were back, in bars of whole seconds: as few ms a bar as give no more bars than can be drawn. */
function histogramOf(course: Course, outageMs: number): StormResult['histogram'] {
  const { attemptsByBin, connectedByBin } = course;
  let last = Math.ceil(outageMs / BIN_MS);
  for (let bin = attemptsByBin.length - 1; bin > last; bin--) if (attemptsByBin[bin]! > 0) last = bin;
  const perBar = Math.max(1000 / BIN_MS, Math.ceil((last + 1) / MAX_BARS / 10) * 10);
  const bars = Math.ceil((last + 1) / perBar);
  const sum = (byBin: Uint32Array, bar: number): number =>
    byBin.subarray(bar * perBar, (bar + 1) * perBar).reduce((total, n) => total + n, 0);
  const list = (byBin: Uint32Array): number[] => Array.from({ length: bars }, (_, bar) => sum(byBin, bar));
  return { binMs: perBar * BIN_MS, attempts: list(attemptsByBin), connected: list(connectedByBin) };
}
