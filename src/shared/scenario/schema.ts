/**
 * A run written down: who follows what, over which path, what happens when, and what must hold at the end. The schema is
 * the one description of the file; reading, the JSON Schema beside the shipped scenarios and the types follow from it.
 */
import * as v from 'valibot';
import { METHODS, SLEEP_TIMERS, WORKLOADS } from '../catalog.ts';
import { CLIENT_NAMES } from '../clients.ts';
import { expectation } from './expectation.ts';
import { targetFileSchema } from './target-schema.ts';
import { acceptEncoding, data, duration, durationOr, onOff, rate, retryOn, size, stepName, via } from './values.ts';

const laneId = v.pipe(v.string(), v.maxLength(64));
const line = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const integer = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const path = v.pipe(v.array(via), v.maxLength(32));
const at = duration();
const positiveDuration = duration(1);

const step = {
  fault: v.object({ at, do: v.literal('fault'), via, for: v.exactOptional(positiveDuration) }),
  clear: v.object({ at, do: v.literal('clear'), via: v.exactOptional(stepName) }),
  sleep: v.object({
    at,
    do: v.literal('sleep'),
    for: positiveDuration,
    lane: v.exactOptional(laneId),
    timers: v.exactOptional(v.picklist(SLEEP_TIMERS)),
  }),
  offline: v.object({ at, do: v.literal('offline'), for: v.exactOptional(positiveDuration) }),
  cut: v.object({ at, do: v.literal('cut'), end: v.exactOptional(v.picklist(['fin', 'rst'])) }),
  restart: v.object({ at, do: v.literal('restart-server') }),
  kill: v.object({ at, do: v.literal('kill-server'), for: v.exactOptional(positiveDuration) }),
  lose: v.object({ at, do: v.literal('lose-log') }),
  publish: v.object({
    at,
    do: v.literal('publish'),
    type: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(1000))),
    data: v.exactOptional(data),
    count: v.exactOptional(integer(1, 10_000)),
    every: v.exactOptional(duration()),
    final: v.exactOptional(v.boolean()),
  }),
  set: v.object({
    at,
    do: v.literal('set'),
    heartbeat: v.exactOptional(durationOr(['off'])),
    workload: v.exactOptional(v.picklist(WORKLOADS)),
    rate: v.exactOptional(rate),
    pongs: v.exactOptional(onOff),
    path: v.exactOptional(path),
  }),
};

const lane = v.object({
  method: v.picklist(METHODS),
  url: v.exactOptional(line),
  poll: v.exactOptional(duration(10)),
  hold: v.exactOptional(duration(10)),
  ping: v.exactOptional(durationOr(['off'])),
  deadAfter: v.exactOptional(durationOr(['auto', 'off'])),
  backoff: v.exactOptional(v.picklist(['full-jitter', 'equal', 'none'])),
  pongs: v.exactOptional(onOff),
  retry: v.exactOptional(v.picklist(['eventsource', 'resilient'])),
  acceptEncoding: v.exactOptional(acceptEncoding),
  client: v.exactOptional(v.picklist(CLIENT_NAMES)),
  deadline: v.exactOptional(positiveDuration),
  retryOn: v.exactOptional(retryOn),
});

const server = v.object({
  workload: v.exactOptional(v.picklist(WORKLOADS)),
  rate: v.exactOptional(rate),
  size: v.exactOptional(size),
  burst: v.exactOptional(integer(1, 10_000)),
  heartbeat: v.exactOptional(durationOr(['off'])),
  hold: v.exactOptional(duration(10)),
  maxAge: v.exactOptional(duration(100)),
  advice: v.exactOptional(durationOr(['auto', 'off'])),
  retain: v.exactOptional(integer(1, 1_000_000_000)),
  log: v.exactOptional(line),
});

export const ScenarioSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(10_000))),
  seed: v.exactOptional(integer(0, 2 ** 32 - 1)),
  timeScale: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(1000))),
  server: v.exactOptional(server),
  target: v.exactOptional(targetFileSchema),
  lanes: v.pipe(v.array(lane), v.minLength(1), v.maxLength(32)),
  path: v.exactOptional(path),
  schedule: v.exactOptional(v.pipe(v.array(v.variant('do', Object.values(step))), v.maxLength(1000))),
  duration: positiveDuration,
  expect: v.exactOptional(v.pipe(v.array(expectation), v.maxLength(1000))),
});

/** A scenario as read: durations in ms, rates a second, sizes in bytes. */
export type Scenario = v.InferOutput<typeof ScenarioSchema>;
export type ScenarioStep = NonNullable<Scenario['schedule']>[number];
export type ScenarioLane = Scenario['lanes'][number];

/** The ids the lanes will have: method, then `sse-2` … */
export function laneIds(lanes: readonly ScenarioLane[]): string[] {
  const seen = new Map<string, number>();
  return lanes.map(({ method }) => {
    const n = (seen.get(method) ?? 0) + 1;
    seen.set(method, n);
    return n === 1 ? method : `${method}-${n}`;
  });
}
