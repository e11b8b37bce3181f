import type { Pace, Stage, WorkloadIo } from './workload.ts';

/** Falls behind further than this (a sleeping computer), and the lost time is let go instead of caught up with. */
const LET_GO_MS = 1000;
/** When too slow for its rate, a workload still lets others have a turn this often. */
const EVENTS_A_TURN = 200;

export function openStage(io: WorkloadIo, pace: Pace, signal: AbortSignal): Stage {
  const { clock, random } = io;
  let due = clock.now();
  let eager = 0;
  return {
    pace,
    random,
    publish(type, data, extra) {
      if (!signal.aborted) io.publish(type, fill(data, pace.size), extra);
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
      if (left < -LET_GO_MS * clock.scale) due = clock.now();
      if (left > 0 || ++eager >= EVENTS_A_TURN || signal.aborted) {
        eager = 0;
        await clock.sleep(Math.max(0, left), signal);
      }
    },
    gap: (own, events = 1) => (pace.rate === null ? own : (1000 * events) / pace.rate),
    burst: (min, max = min) => pace.burst ?? random.int(min, max),
    between: (min, max) => min + (max - min) * random.next(),
    pick: (list) => list[random.int(0, list.length - 1)]!,
  };
}

/** Data as text, made up to a size with padding. What is longer by nature stays whole. */
function fill(data: object | string, size: number | null): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const short = size === null ? 0 : size - Buffer.byteLength(text);
  if (short <= 0) return text;
  if (typeof data === 'string') return text + '.'.repeat(short);
  const pad = ',"pad":""}';
  return short < pad.length - 1 ? text : `${text.slice(0, -1)},"pad":"${'.'.repeat(short - pad.length + 1)}"}`;
}
