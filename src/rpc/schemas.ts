/** What every call takes. A page is untrusted: its arguments are validated. */
import * as v from 'valibot';
import type { EngineApi, FeedApi } from '../shared/api.ts';
import type { LaneClient, RunConfig } from '../shared/run-config.ts';
import { METHOD_SCHEMES, METHODS, SLEEP_TIMERS, WORKLOADS } from '../shared/catalog.ts';
import { BACKOFFS, STORM_LIMITS } from '../shared/storm.ts';
import { isAcceptEncoding } from '../shared/content-coding.ts';
import { DOCTOR_CODES } from '../shared/doctor/codes.ts';
import { CONSENTS } from '../shared/doctor/report.ts';
import { MAX_DURATION_MS } from '../shared/duration.ts';
import { remoteTargetSchema } from '../shared/endpoint/schema.ts';
import { isRetryRule } from '../shared/endpoint/retry-rules.ts';
import { urlProblem } from '../shared/target-check.ts';
import { failureData } from '../shared/failure.ts';
import { checkSpec } from '../shared/path/check-spec.ts';
import type { PathSpec } from '../shared/path/spec.ts';

const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_DURATION_MS));
const count = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e9));
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const line = text(4096);
const pathItem = v.strictObject({
  preset: v.exactOptional(text(200)),
  steps: v.pipe(
    v.array(v.strictObject({ name: text(200), params: v.record(text(200), v.union([v.number(), text(200)])) })),
    v.maxLength(64),
  ),
  joined: v.exactOptional(v.literal(true)),
});
const path = v.pipe(
  v.array(pathItem),
  v.maxLength(64),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): PathSpec => {
    try {
      checkSpec(value);
      return value;
    } catch (error) {
      addIssue({ message: failureData(error).message });
      return NEVER;
    }
  }),
);
const webUrl = v.pipe(
  line,
  v.check((url) => urlProblem('url', url, METHOD_SCHEMES.websocket) === null, 'is no http(s) or ws(s) URL'),
);
const doctorOrder = v.strictObject({
  url: webUrl,
  methods: v.pipe(v.array(v.picklist(METHODS)), v.maxLength(METHODS.length)),
  dialect: v.nullable(text(200)),
  headers: v.record(text(200), text(8192)),
  path,
  forMs: v.pipe(v.number(), v.minValue(2000), v.maxValue(3_600_000)),
  quietUpToMs: v.pipe(v.number(), v.minValue(1000), v.maxValue(3_600_000)),
  publishUrl: v.nullable(webUrl),
  allow: v.pipe(v.array(v.picklist(CONSENTS)), v.maxLength(CONSENTS.length)),
  only: v.nullable(v.pipe(v.array(v.picklist(DOCTOR_CODES)), v.maxLength(DOCTOR_CODES.length))),
});
/** As many as a page can show. */
const MAX_LANES = 64;
const lane = v.strictObject({ lane: text(200) });

const workload = v.strictObject({
  name: v.picklist(WORKLOADS),
  rate: v.nullable(count),
  size: v.nullable(count),
  burst: v.nullable(count),
});

const client = {
  pollMs: ms,
  pollFloorMs: v.nullable(ms),
  holdMs: ms,
  pingMs: v.nullable(ms),
  deadAfter: v.union([v.picklist(['auto', 'off']), ms]),
  backoff: v.picklist(['full-jitter', 'equal', 'none']),
  pongs: v.boolean(),
  retry: v.picklist(['eventsource', 'resilient']),
  acceptEncoding: v.pipe(text(200), v.check(isAcceptEncoding, 'is no list of gzip, deflate, br, zstd, nor off')),
  deadlineMs: v.pipe(ms, v.minValue(1)),
  retryOn: v.pipe(v.array(v.pipe(text(40), v.check(isRetryRule, 'is no rule for coming back'))), v.maxLength(100)),
};
const laneName = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80));
// cast: optional keys are absent here, never undefined
const laneClient = v.partial(v.strictObject(client)) as v.GenericSchema<unknown, LaneClient>;
const laneEntries = {
  method: v.picklist(METHODS),
  url: v.exactOptional(line),
  name: v.exactOptional(laneName),
  client: v.exactOptional(laneClient),
};
const laneSpec = v.strictObject(laneEntries);
const runConfigFields = {
  target: v.variant('kind', [v.strictObject({ kind: v.literal('embedded') }), remoteTargetSchema]),
  lanes: v.pipe(v.array(laneSpec), v.maxLength(MAX_LANES)),
  path,
  heartbeatMs: v.nullable(ms),
  workload,
  channel: text(200),
  after: v.nullable(line),
  ...client,
  timeScale: v.pipe(v.number(), v.gtValue(0), v.maxValue(1000)),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1)),
  retain: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9))),
} satisfies Record<keyof RunConfig, v.GenericSchema>;
// cast: optional keys are absent here, never undefined
const runConfig = v.partial(v.strictObject(runConfigFields)) as v.GenericSchema<unknown, Partial<RunConfig>>;

/** What a template may name. */
const variable = v.pipe(v.string(), v.regex(/^[\w.-]{1,200}$/, 'is no name: letters, digits, dots and dashes'));
const stormMs = v.pipe(v.number(), v.minValue(1), v.maxValue(3_600_000));

const scenario = v.strictObject({ text: text(2 * 1024 * 1024) });

/** The compiler holds each schema to what its call takes, and asks for one a call. */
type Schemas<Api> = {
  [K in keyof Api]: Api[K] extends (argument: infer A) => unknown
    ? unknown extends A
      ? null
      : v.GenericSchema<unknown, A>
    : never;
};

/** Every call of the engine. null: the call takes nothing. */
export const ENGINE_SCHEMAS: Schemas<EngineApi> = {
  info: null,
  restartRun: runConfig,
  setPath: v.strictObject({ path }),
  setHeartbeat: v.strictObject({ everyMs: v.nullable(ms) }),
  setWorkload: workload,
  sleep: v.strictObject({ ms, timers: v.picklist(SLEEP_TIMERS), lane: v.exactOptional(text(200)) }),
  wake: null,
  setOffline: v.strictObject({ offline: v.boolean() }),
  cutAll: v.strictObject({ end: v.picklist(['fin', 'rst']) }),
  restartServer: null,
  killServer: v.strictObject({ downMs: ms }),
  loseLog: null,
  setPongs: v.strictObject({ on: v.boolean() }),
  addLane: v.strictObject({ ...laneEntries, like: v.exactOptional(text(200)) }),
  changeLane: v.strictObject({
    lane: text(200),
    name: v.exactOptional(v.nullable(laneName)),
    client: v.exactOptional(laneClient),
    position: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_LANES))),
  }),
  removeLane: lane,
  stopLane: lane,
  startLane: lane,
  retryNow: lane,
  publish: v.strictObject({
    type: text(1000),
    data: text(1024 * 1024),
    terminal: v.exactOptional(v.boolean()),
  }),
  startRecording: v.strictObject({ file: v.nullable(line) }),
  stopRecording: null,
  checkTarget: remoteTargetSchema,
  probeTarget: remoteTargetSchema,
  probeProgress: v.strictObject({ id: text(100), version: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  doctorBudget: doctorOrder,
  startDoctor: doctorOrder,
  doctorProgress: v.strictObject({ id: text(100), version: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  stopDoctor: v.strictObject({ id: text(100) }),
  endpoints: null,
  saveEndpoint: remoteTargetSchema,
  deleteEndpoint: v.strictObject({ name: text(200) }),
  endpointBook: null,
  keepEndpoint: v.strictObject({
    target: remoteTargetSchema,
    folder: v.exactOptional(v.nullable(text(200))),
    before: v.exactOptional(text(200)),
  }),
  arrangeEndpoints: v.strictObject({
    order: v.pipe(v.array(v.strictObject({ name: text(200), folder: v.nullable(text(200)) })), v.maxLength(2000)),
  }),
  setEnvironments: v.strictObject({
    environments: v.pipe(
      v.array(v.strictObject({ name: v.pipe(text(100), v.minLength(1)), vars: v.record(variable, line) })),
      v.maxLength(100),
    ),
    environment: v.nullable(text(100)),
  }),
  importEndpoints: v.strictObject({
    text: text(6 * 1024 * 1024),
    entries: v.exactOptional(v.pipe(v.array(count), v.maxLength(1000))),
    folder: v.exactOptional(text(200)),
  }),
  exportEndpoints: v.strictObject({ names: v.nullable(v.pipe(v.array(text(200)), v.maxLength(2000))) }),
  setSecret: v.strictObject({ name: variable, value: v.pipe(text(64 * 1024), v.minLength(1)) }),
  unlockSecrets: v.strictObject({ passphrase: text(1000) }),
  addPassphrase: v.strictObject({ passphrase: text(1000) }),
  confirmCommand: v.strictObject({ name: text(200) }),
  listenTo: v.strictObject({ target: remoteTargetSchema, method: v.picklist(METHODS) }),
  sampleProgress: v.strictObject({ id: text(100), version: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  stopListening: v.strictObject({ id: text(100) }),
  savedPaths: null,
  savePath: v.strictObject({ name: text(200), path }),
  deletePath: v.strictObject({ name: text(200) }),
  serverView: null,
  playStorm: v.strictObject({
    clients: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(STORM_LIMITS.clients)),
    outageMs: v.pipe(v.number(), v.minValue(0), v.maxValue(STORM_LIMITS.outageMs)),
    capacity: v.nullable(v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6))),
    policy: v.strictObject({ kind: v.picklist(BACKOFFS), baseMs: stormMs, capMs: stormMs, floorMs: stormMs }),
    seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1)),
  }),
  checkScenario: scenario,
  playScenario: scenario,
  stopScenario: null,
  savedScenarios: null,
  saveScenario: scenario,
  deleteScenario: v.strictObject({ name: text(200) }),
};

/** The feed's own. */
export const FEED_SCHEMAS: Schemas<FeedApi> = {
  subscribe: null,
  ack: v.strictObject({ seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  resync: null,
};

/** The names of the engine's calls. */
// cast: the object has exactly these keys, or it would not be of its type
export const ENGINE_CALLS = Object.keys(ENGINE_SCHEMAS) as (keyof EngineApi)[];

/** Every call of the engine, made by one function. */
export const engineApiOf = (call: (name: keyof EngineApi, args: unknown[]) => Promise<unknown>): EngineApi => {
  const calls: unknown = Object.fromEntries(
    ENGINE_CALLS.map((name) => [name, (...args: unknown[]) => call(name, args)]),
  );
  return calls as EngineApi; // cast: each name is there, since the compiler asks for a schema a call
};
