/**
 * A run written down: who follows what, over which path, what happens when, and what must hold at the end. The schema is
 * the one description of the file; reading, the JSON Schema beside the shipped scenarios and the types follow from it.
 */
import * as v from 'valibot';
import { METHODS, WORKLOADS } from '../catalog.ts';
import { parseDuration, parseRate, parseSize } from '../duration.ts';
import { isPerRun, parseCheck, type Expectation } from './expect.ts';
import { Failure } from '../failure.ts';
import { nearest, parseVia } from '../path/params.ts';
import { issueProblem, keyPath, unknownKeys, type ScenarioProblem } from './problems.ts';

export type { ScenarioProblem };

/** What JSON Schema says of a value whose reader is code; read by whoever writes the schema file. */
export interface JsonSchemaMetadata {
  json: Record<string, unknown>;
}

/** A value read by code that throws a `Failure` saying what would do. */
const parsedWith = <T>(json: Record<string, unknown>, read: (value: unknown) => T) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        addIssue({ message: error.hint ? `${error.message} ${error.hint}` : error.message });
        return NEVER;
      }
    }),
    v.metadata({ json } satisfies JsonSchemaMetadata),
  );

const reject = (message: string, hint?: string): never => {
  throw new Failure({ code: 'bad-scenario', message, exit: 2, ...(hint === undefined ? {} : { hint }) });
};

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : reject('It must be text.');

/** Eleven days: anything longer is a typing error. */
const MAX_DURATION_MS = 1e9;
const DURATION = String.raw`\d+(\.\d+)?(ms|s|m|h|d)`;

function durationAtLeast(value: unknown, minMs: number): number {
  const ms = parseDuration(text(value));
  return ms >= minMs && ms <= MAX_DURATION_MS
    ? ms
    : reject(`${text(value)} is out of range.`, `Give ${minMs}ms to 11d.`);
}

const duration = (least = 0) =>
  parsedWith({ type: 'string', pattern: `^${DURATION}$`, examples: ['250ms', '10s', '5m'] }, (value) =>
    durationAtLeast(value, least),
  );

const durationOr = <W extends string>(words: readonly W[], least = 10) =>
  parsedWith(
    { type: 'string', pattern: `^(${[DURATION, ...words].join('|')})$`, examples: ['15s', ...words] },
    (value): number | W => {
      if ((words as readonly unknown[]).includes(value)) return value as W;
      if (typeof value === 'string' && /^\d/.test(value)) return durationAtLeast(value, least);
      return reject(`${JSON.stringify(value)} will not do.`, `Write a duration such as 15s, or ${words.join(' or ')}.`);
    },
  );

const rate = parsedWith(
  { type: ['string', 'number'], pattern: String.raw`^\d+(\.\d+)?(/(s|m|h))?$`, examples: ['5/s', '30/m'] },
  (value) => {
    const perSecond = parseRate(text(value));
    return perSecond > 0 && perSecond <= 100_000
      ? perSecond
      : reject(`${text(value)} is out of range.`, 'Give more than 0 and at most 100000/s.');
  },
);

const size = parsedWith(
  {
    type: ['string', 'integer'],
    pattern: String.raw`^\d+(\.\d+)?(B|KiB|MiB|GiB|kB|MB|GB)?$`,
    examples: ['512B', '1KiB'],
  },
  (value) => {
    const bytes = parseSize(text(value));
    return bytes <= 1024 * 1024 ? bytes : reject(`${text(value)} is out of range.`, 'Give at most 1MiB.');
  },
);

/** Only the grammar; whether such a preset or fault exists is known where they live. */
const via = parsedWith(
  {
    type: 'string',
    minLength: 1,
    examples: ['nginx-tuned', 'latency:delay=100ms+idle-timeout:after=60s', 'error-status:every=3'],
  },
  (value) => {
    const typed = text(value);
    if (parseVia(typed).length === 0)
      reject('It names no preset or fault.', 'Write direct, haproxy-tcp or name:key=value.');
    return typed;
  },
);

/** The name of a step as it may be taken off the path again. */
const stepName = parsedWith({ type: 'string', pattern: '^[a-z0-9.-]+$', examples: ['idle-timeout'] }, (value) =>
  /^[a-z0-9.-]+$/.test(text(value))
    ? text(value)
    : reject(`"${text(value)}" is not the name of a preset or fault.`, 'Write its name alone, such as idle-timeout.'),
);

/** What is published: text as it is, anything else as JSON. */
const data = parsedWith({}, (value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const onOff = parsedWith({ type: ['string', 'boolean'], enum: ['on', 'off', true, false] }, (value) => {
  if (value === 'on' || value === true) return true;
  if (value === 'off' || value === false) return false;
  return reject(`${JSON.stringify(value)} will not do.`, 'Write on or off.');
});

const laneId = v.pipe(v.string(), v.maxLength(64));
const line = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const integer = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const path = v.pipe(v.array(via), v.maxLength(32));
const at = duration();
const positiveDuration = duration(1);

/** `sse: missed == 0`, `missed == 0`, or lane, check and name apart. */
const expectation = parsedWith(
  {
    anyOf: [
      { type: 'string', minLength: 1, examples: ['missed == 0', 'timeToRecover.p95 < 5s'] },
      {
        type: 'object',
        properties: {
          lane: { type: 'string', examples: ['sse', 'sse, websocket'] },
          check: { type: 'string', minLength: 1 },
          name: { type: 'string' },
        },
        required: ['check'],
        additionalProperties: false,
      },
      { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: { type: 'string' } },
    ],
  },
  readExpectation,
);

const step = {
  fault: v.object({ at, do: v.literal('fault'), via, for: v.exactOptional(positiveDuration) }),
  clear: v.object({ at, do: v.literal('clear'), via: v.exactOptional(stepName) }),
  sleep: v.object({
    at,
    do: v.literal('sleep'),
    for: positiveDuration,
    lane: v.exactOptional(laneId),
    timers: v.exactOptional(v.picklist(['fire', 'resume'])),
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

const target = v.object({
  base: v.exactOptional(line),
  urls: v.exactOptional(
    v.object({
      'short-polling': v.exactOptional(line),
      'long-polling': v.exactOptional(line),
      sse: v.exactOptional(line),
      websocket: v.exactOptional(line),
    }),
  ),
  channel: v.exactOptional(line),
  headers: v.exactOptional(v.record(v.string(), v.string())),
  dialect: v.exactOptional(line),
});

export const ScenarioSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(10_000))),
  seed: v.exactOptional(integer(0, 2 ** 32 - 1)),
  timeScale: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(1000))),
  server: v.exactOptional(server),
  target: v.exactOptional(target),
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

/** What only the embedded server can be told. */
const EMBEDDED_ONLY_STEPS: readonly ScenarioStep['do'][] = ['restart-server', 'kill-server', 'lose-log'];

/**
 * A scenario from what a file holds, and everything that is wrong with it. Whether named presets, faults and dialects
 * exist is not looked at here: the planner knows.
 * @returns scenario null when it cannot be made out
 */
export function readScenario(value: unknown): { scenario: Scenario | null; problems: ScenarioProblem[] } {
  const problems = unknownKeys(ScenarioSchema, value);
  const unknown = [...problems];
  const read = v.safeParse(ScenarioSchema, value);
  if (read.success) problems.push(...semanticProblems(read.output));
  else {
    for (const issue of read.issues) {
      const problem = issueProblem(issue);
      // a key that is misspelt is missing too: one word on it is enough
      const parent = keyPath(problem.path.slice(0, -1));
      const meant = `Did you mean ${problem.path.at(-1)}?`;
      const misspelt = unknown.some((u) => u.hint === meant && keyPath(u.path.slice(0, -1)) === parent);
      if (!misspelt) problems.push(problem);
    }
  }
  return { scenario: read.success ? read.output : null, problems };
}

/** The ids the lanes will have: method, then `sse-2` … */
export function laneIds(lanes: readonly ScenarioLane[]): string[] {
  const seen = new Map<string, number>();
  return lanes.map(({ method }) => {
    const n = (seen.get(method) ?? 0) + 1;
    seen.set(method, n);
    return n === 1 ? method : `${method}-${n}`;
  });
}

/** Rules that span several keys. */
function semanticProblems(s: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const add = (path: ScenarioProblem['path'], message: string, hint?: string): void =>
    void problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  const ids = laneIds(s.lanes);
  const knownLane = (path: ScenarioProblem['path'], id: string): void => {
    if (ids.includes(id)) return;
    const near = nearest(id, ids);
    add(path, `There is no lane "${id}".`, near ? `Did you mean ${near}?` : `The lanes are ${ids.join(', ')}.`);
  };
  if (s.server && s.target) add(['target'], 'A run has a server of its own or a target, not both.', 'Leave one out.');
  if (s.target && (s.timeScale ?? 1) !== 1) {
    add(
      ['timeScale'],
      'Time cannot be scaled for a remote target: its own timers would not follow.',
      'Leave timeScale out, or follow the embedded server.',
    );
  }
  if (s.target && !s.target.base && !s.target.urls && s.lanes.some((l) => l.url === undefined)) {
    add(['target'], 'There is nothing to follow yet.', 'Give base, urls, or a url for each lane.');
  }
  s.lanes.forEach((l, i) => {
    if (l.url !== undefined && !s.target) {
      add(['lanes', i, 'url'], 'The embedded server has its own URLs.', 'Leave url out, or say target: too.');
    }
  });
  s.schedule?.forEach((entry, i) => {
    const here = ['schedule', i] as const;
    if (entry.at >= s.duration) add([...here, 'at'], 'It would happen after the end.', 'Make duration longer.');
    if (s.target && EMBEDDED_ONLY_STEPS.includes(entry.do)) {
      add([...here, 'do'], `${entry.do} needs the embedded server.`, 'Leave target out.');
    }
    if (entry.do === 'sleep' && entry.lane !== undefined) knownLane([...here, 'lane'], entry.lane);
    if (entry.do === 'set') {
      const { heartbeat, workload, rate, pongs, path } = entry;
      if ([heartbeat, workload, rate, pongs, path].every((x) => x === undefined)) {
        add(here, 'There is nothing to set.', 'Give heartbeat, workload, rate, pongs or path.');
      }
      if (s.target && (heartbeat !== undefined || workload !== undefined || rate !== undefined)) {
        add(here, 'Heartbeat, workload and rate belong to the embedded server.', 'Leave target out.');
      }
    }
  });
  s.expect?.forEach((e, i) => {
    for (const id of e.lanes ?? []) knownLane(['expect', i], id);
    if (e.lanes && isPerRun(e.check.measure)) {
      add(['expect', i], `${e.check.measure} is one figure for the whole run.`, 'Leave the lane out.');
    }
    if (e.check.measure === 'latency' && (s.timeScale ?? 1) !== 1) {
      add(['expect', i], 'Latency is not known while time is scaled.', 'Set timeScale to 1.');
    }
  });
  return problems;
}

function readExpectation(value: unknown): Expectation {
  if (typeof value === 'string') {
    // a lane id has no spaces and no operator: what follows the colon is the check
    const m = /^\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*:\s+(.*)$/s.exec(value);
    const prefixed = m !== null && !/[=<>!]/.test(m[1]!);
    return makeExpectation(prefixed ? m[1]! : null, prefixed ? m[2]! : value);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject('It is no check.', 'Write one such as missed == 0, or sse: missed == 0');
  }
  const entries = Object.entries(value as Record<string, unknown>);
  if (!('check' in value)) {
    const [first] = entries;
    if (entries.length !== 1) return reject('It has no check.', 'Write check: missed == 0');
    return makeExpectation(first![0], text(first![1]));
  }
  for (const [key] of entries) {
    if (['lane', 'check', 'name'].includes(key)) continue;
    reject(`"${key}" is not known here.`, 'It takes lane, check and name.');
  }
  const { lane, check, name } = value as { lane?: unknown; check: unknown; name?: unknown };
  const lanes = lane === undefined ? null : Array.isArray(lane) ? lane.map(text).join(',') : text(lane);
  const parsed = makeExpectation(lanes, text(check));
  return name === undefined ? parsed : { ...parsed, name: text(name) };
}

function makeExpectation(lanes: string | null, check: string): Expectation {
  const parsed = parseCheck(check);
  const ids = lanes === null || lanes.trim() === 'all' ? null : lanes.split(',').map((id) => id.trim());
  return { name: check.trim().replace(/\s+/g, ' '), lanes: ids, check: parsed };
}
