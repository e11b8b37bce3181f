import { codeOf } from '../../shared/failure.ts';
import { Pacer } from './pacer.ts';
import type { Pace, WorkloadContext, WorkloadIo } from './workload.ts';

export function createContext(io: WorkloadIo, pace: Pace, signal: AbortSignal): WorkloadContext {
  const { clock, random } = io;
  const pacer = new Pacer(clock, ({ wanted, kept }) => io.tooSlow(pace.rate ?? wanted, kept));
  /** A shared log answers later, and may refuse then. */
  const later = (published: unknown): void => {
    if (!(published instanceof Promise)) return;
    published.catch((error: unknown) => {
      if (!signal.aborted && codeOf(error) !== 'channel-ended') io.missed?.(error);
    });
  };
  return {
    pace,
    random,
    publish(type, data, extra) {
      if (signal.aborted) return;
      later(io.publish(type, padData(data, pace.size), extra));
      pacer.countPublished();
    },
    signal: (data) => {
      if (!signal.aborted) io.signal?.(data);
    },
    end: () => {
      if (!signal.aborted) later(io.end?.());
    },
    wait: (ms) => pacer.wait(ms, signal),
    interval: (own, events = 1) => (pace.rate === null ? own : (1000 * events) / pace.rate),
    burst: (min, max = min) => pace.burst ?? random.int(min, max),
    randomBetween: (min, max) => min + (max - min) * random.next(),
    pick: (list) => list[random.int(0, list.length - 1)]!,
  };
}

/** Data as text, made up to a size with padding. What is longer by nature stays whole. */
function padData(data: object | string, size: number | null): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const missing = size === null ? 0 : size - Buffer.byteLength(text);
  if (missing <= 0) return text;
  if (typeof data === 'string') return text + '.'.repeat(missing);
  const pad = ',"pad":""}';
  return missing < pad.length - 1 ? text : `${text.slice(0, -1)},"pad":"${'.'.repeat(missing - pad.length + 1)}"}`;
}
