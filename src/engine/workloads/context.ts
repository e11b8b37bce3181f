import type { Pace, WorkloadContext, WorkloadIo } from './workload.ts';

/** When it lags further than this (a sleeping computer), the missed events are skipped instead of caught up with. */
const MAX_LAG_MS = 1000;
/** When too slow for its rate, a workload still yields to the event loop this often. */
const EVENTS_PER_TURN = 200;

export function createContext(io: WorkloadIo, pace: Pace, signal: AbortSignal): WorkloadContext {
  const { clock, random } = io;
  let due = clock.now();
  let sinceYield = 0;
  return {
    pace,
    random,
    publish(type, data, extra) {
      if (!signal.aborted) io.publish(type, padData(data, pace.size), extra);
    },
    signal: (data) => {
      if (!signal.aborted) io.signal?.(data);
    },
    end: () => {
      if (!signal.aborted) io.end?.();
    },
    async wait(ms) {
      due += ms;
      const left = due - clock.now();
      if (left < -MAX_LAG_MS * clock.scale) due = clock.now();
      if (left > 0 || ++sinceYield >= EVENTS_PER_TURN || signal.aborted) {
        sinceYield = 0;
        await clock.sleep(Math.max(0, left), signal);
      }
    },
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
