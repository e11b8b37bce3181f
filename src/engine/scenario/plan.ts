/** A scenario turned into what to start and what to do when. Pure: no clock, no sockets. */
import type { EngineCall } from '../../shared/api.ts';
import type { LaneClient, LaneSpec, RunConfig, WorkloadSpec } from '../../shared/run-config.ts';
import { METHODS } from '../../shared/catalog.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { failureData } from '../../shared/failure.ts';
import { clientNamed, withClient } from '../../shared/clients.ts';
import { nearest } from '../../shared/nearest.ts';
import type { Expectation } from '../../shared/scenario/expect.ts';
import { shownUrl } from '../../shared/secrets.ts';
import { laneIds, type Scenario, type ScenarioLane } from '../../shared/scenario/schema.ts';
import { targetOfFile } from '../../shared/scenario/target-schema.ts';
import type { ScenarioProblem } from '../../shared/scenario/problems.ts';
import { targetProblems, urlProblem } from '../../shared/target-check.ts';
import type { RemoteTarget, Target } from '../../shared/target.ts';
import type { PathSpec } from '../../shared/path/spec.ts';
import { DIALECTS } from '../dialects/index.ts';
import type { ServerSettings } from '../server/broker/broker.ts';
import { PathPlan } from './path-plan.ts';

export interface PlannedStep {
  /** Milliseconds after the beginning. */
  at: number;
  /** Which entry of the schedule asks for it. */
  entry: number;
  action: EngineCall;
}

/** Reads a dialect's file, named as a scenario names it. @throws Failure */
export type DialectFiles = (said: string) => Dialect;

export interface Plan {
  name: string;
  /** The run, but for its seed. */
  config: Omit<RunConfig, 'seed'>;
  seed: number | null;
  /** Of its target, where that names a file. */
  dialect?: Dialect;
  log: string;
  server: Partial<ServerSettings>;
  lanes: string[];
  /** In order of time, and of the file where times are equal. */
  steps: PlannedStep[];
  durationMs: number;
  expect: Expectation[];
}

/** How long a killed server stays down unless the file says otherwise. */
const DEFAULT_KILL_MS = 5000;

/**
 * @param saved the endpoints that a target may name
 * @returns what is wrong with names that only the engine knows: presets, faults, dialects, endpoints, URLs
 */
export function planScenario(
  s: Scenario,
  saved: readonly RemoteTarget[] = [],
  files?: DialectFiles,
): { plan: Plan; problems: ScenarioProblem[] } {
  const problems: ScenarioProblem[] = [];
  const { target, dialect } = planTarget(s, saved, problems, files);
  s.lanes.forEach(({ client, method }, i) => {
    const named = client === undefined ? null : clientNamed(client);
    if (!named || named.methods.includes(method)) return;
    const hint = `Give it to a lane of ${named.methods.join(' or ')}.`;
    problems.push({ path: ['lanes', i, 'client'], message: `${named.label} does not speak ${method}.`, hint });
  });
  const path = new PathPlan(s.path ?? [], problems);
  const workload: WorkloadSpec = {
    name: s.server?.workload ?? 'none',
    rate: s.server?.rate ?? null,
    size: s.server?.size ?? null,
    burst: s.server?.burst ?? null,
  };
  const { heartbeat, hold } = s.server ?? {};
  const heartbeatMs = heartbeat === undefined ? DEFAULTS.heartbeatMs : heartbeat === 'off' ? null : heartbeat;
  const config: Plan['config'] = {
    target,
    lanes: s.lanes.map(laneSpec),
    path: path.spec,
    heartbeatMs,
    workload,
    channel: target.kind === 'remote' ? target.channel : DEFAULTS.channel,
    after: null,
    pollMs: DEFAULTS.pollMs,
    holdMs: hold ?? DEFAULTS.holdMs,
    pingMs: null,
    deadAfter: 'auto',
    backoff: 'full-jitter',
    pongs: true,
    timeScale: s.timeScale ?? 1,
    retain: s.server?.retain ?? null,
  };
  const steps = planSteps(s, path, workload);
  const plan: Plan = {
    name: s.name,
    ...(dialect ? { dialect } : {}),
    config,
    seed: s.seed ?? null,
    log: s.server?.log ?? 'memory',
    server: {
      // a held poll has no beat of its own: who sets the beat alone means it for polls too
      ...(typeof heartbeat === 'number' && hold === undefined ? { holdCapMs: heartbeat } : {}),
      ...(s.server?.maxAge === undefined ? {} : { maxAgeMs: s.server.maxAge }),
      ...(s.server?.advice === undefined ? {} : { advice: s.server.advice }),
    },
    lanes: laneIds(s.lanes),
    steps,
    durationMs: s.duration,
    expect: s.expect ?? [],
  };
  return { plan, problems };
}

/** Something that happens at a time; what it means for the path depends on what happened before. */
interface PendingStep {
  at: number;
  entry: number;
  toAction: () => EngineCall | null;
}

function planSteps(s: Scenario, path: PathPlan, workload: WorkloadSpec): PlannedStep[] {
  const pending: PendingStep[] = [];
  let workloadNow = workload;
  let offline = 0;
  (s.schedule ?? []).forEach((step, entry) => {
    const schedule = (at: number, toAction: PendingStep['toAction']): void =>
      void pending.push({ at, entry, toAction });
    const scheduleNow = (make: PendingStep['toAction']): void => schedule(step.at, make);
    const setOffline = (offline: boolean): EngineCall => ({ call: 'setOffline', args: [{ offline }] });
    const setPath = (spec: PathSpec): EngineCall => ({ call: 'setPath', args: [{ path: spec }] });
    switch (step.do) {
      case 'fault': {
        let takeOff = (): PathSpec => path.spec;
        scheduleNow(() => {
          const put = path.add(step.via, entry);
          takeOff = put.takeOff;
          return setPath(put.spec);
        });
        if (step.for !== undefined) schedule(step.at + step.for, () => setPath(takeOff()));
        return;
      }
      case 'clear':
        return scheduleNow(() => setPath(path.clear(step.via ?? null, entry)));
      case 'sleep': {
        const { lane, timers = 'fire' } = step;
        return scheduleNow(() => ({
          call: 'sleep',
          args: [{ ms: step.for, timers, ...(lane === undefined ? {} : { lane }) }],
        }));
      }
      case 'offline':
        // where two overlap, the later end counts
        scheduleNow(() => (offline++ === 0 ? setOffline(true) : null));
        if (step.for !== undefined) {
          schedule(step.at + step.for, () => (--offline === 0 ? setOffline(false) : null));
        }
        return;
      case 'cut':
        return scheduleNow(() => ({ call: 'cutAll', args: [{ end: step.end ?? 'rst' }] }));
      case 'restart-server':
        return scheduleNow(() => ({ call: 'restartServer', args: [] }));
      case 'kill-server':
        return scheduleNow(() => ({ call: 'killServer', args: [{ downMs: step.for ?? DEFAULT_KILL_MS }] }));
      case 'lose-log':
        return scheduleNow(() => ({ call: 'loseLog', args: [] }));
      case 'publish': {
        const { type = 'message', data, count = 1, every = 0, final = false } = step;
        for (let i = 0; i < count; i++) {
          const terminal = final && i === count - 1;
          const one = { type, data: data ?? `{"n":${i + 1}}`, ...(terminal ? { terminal } : {}) };
          schedule(step.at + i * every, () => ({ call: 'publish', args: [one] }));
        }
        return;
      }
      case 'set': {
        const { heartbeat, pongs, rate } = step;
        if (heartbeat !== undefined) {
          scheduleNow(() => ({
            call: 'setHeartbeat',
            args: [{ everyMs: heartbeat === 'off' ? null : heartbeat }],
          }));
        }
        if (step.workload !== undefined || rate !== undefined) {
          const { workload: name } = step;
          scheduleNow(() => {
            const base = name === undefined ? workloadNow : { name, rate: null, size: null, burst: null };
            workloadNow = { ...base, rate: rate ?? base.rate };
            return { call: 'setWorkload', args: [workloadNow] };
          });
        }
        if (pongs !== undefined) scheduleNow(() => ({ call: 'setPongs', args: [{ on: pongs }] }));
        if (step.path !== undefined) scheduleNow(() => setPath(path.replace(step.path!, entry)));
      }
    }
  });
  return pending
    .toSorted((a, b) => a.at - b.at) // stable: the order of the file where times are equal
    .flatMap(({ at, entry, toAction }): PlannedStep[] => {
      const action = toAction();
      return action && at < s.duration ? [{ at, entry, action }] : [];
    });
}

function laneSpec(lane: ScenarioLane): LaneSpec {
  const { method, url, poll, hold, ping, deadAfter, backoff, pongs, retry, acceptEncoding, deadline, retryOn } = lane;
  const own: LaneClient = {
    ...(poll === undefined ? {} : method === 'long-polling' ? { pollFloorMs: poll } : { pollMs: poll }),
    ...(hold === undefined ? {} : { holdMs: hold }),
    ...(ping === undefined ? {} : { pingMs: ping === 'off' ? null : ping }),
    ...(deadAfter === undefined ? {} : { deadAfter }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(pongs === undefined ? {} : { pongs }),
    ...(retry === undefined ? {} : { retry }),
    ...(acceptEncoding === undefined ? {} : { acceptEncoding }),
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
    ...(retryOn === undefined ? {} : { retryOn }),
  };
  const client = lane.client === undefined ? own : withClient(lane.client, own);
  return {
    method,
    ...(url === undefined ? {} : { url }),
    ...(Object.keys(client).length === 0 ? {} : { client }),
  };
}

function planTarget(
  s: Scenario,
  saved: readonly RemoteTarget[],
  problems: ScenarioProblem[],
  files: DialectFiles | undefined,
): { target: Target; dialect: Dialect | null } {
  if (!s.target) return { target: { kind: 'embedded' }, dialect: null };
  const { endpoint } = s.target;
  const under = saved.find((one) => one.name === endpoint) ?? null;
  if (endpoint !== undefined && !under) problems.push(unknownEndpoint(endpoint, saved));
  const own = s.lanes.map((lane) => lane.url).find((url) => url !== undefined);
  const name = shownUrl(s.target.base ?? Object.values(s.target.urls ?? {})[0] ?? own ?? '');
  const target = targetOfFile(s.target, name, under, { channel: DEFAULTS.channel, dialect: 'heartline' });
  const isFile = files !== undefined && /[./\\]/.test(target.dialect) && !Object.hasOwn(DIALECTS, target.dialect);
  const dialect = isFile ? dialectOfFile(target.dialect, files, problems) : null;
  if (isFile) target.dialect = dialect?.name ?? 'plain';
  const { base } = target;
  const dialects = [...Object.values(DIALECTS), ...(dialect ? [dialect] : [])].map((d) => ({
    name: d.name,
    methods: METHODS.filter((m) => d.methods[m]?.url != null),
  }));
  for (const { field, message, hint } of targetProblems(target, dialects)) {
    // a lane with a URL of its own needs no base; that there is none at all has been said
    if (field === 'name' || (field === 'base' && base === null)) continue;
    problems.push({ path: ['target', ...field.split('.')], message, ...(hint === undefined ? {} : { hint }) });
  }
  s.lanes.forEach(({ url }, i) => {
    const problem = url === undefined ? null : urlProblem('url', url, ['http:', 'https:', 'ws:', 'wss:']);
    if (!problem) return;
    const { message, hint } = problem;
    problems.push({ path: ['lanes', i, 'url'], message, ...(hint === undefined ? {} : { hint }) });
  });
  return { target, dialect };
}

function dialectOfFile(said: string, files: DialectFiles, problems: ScenarioProblem[]): Dialect | null {
  try {
    return files(said);
  } catch (error) {
    const { message, hint, place } = failureData(error);
    const where = place === undefined ? '' : `${place}: `;
    problems.push({
      path: ['target', 'dialect'],
      message: `${where}${message}`,
      ...(hint === undefined ? {} : { hint }),
    });
    return null;
  }
}

function unknownEndpoint(name: string, saved: readonly RemoteTarget[]): ScenarioProblem {
  const names = saved.map((one) => one.name);
  const near = nearest(name, names);
  const all = names.length === 0 ? 'None is saved here.' : `There are ${names.join(', ')}.`;
  const hint = near ? `Did you mean ${near}?` : all;
  return { path: ['target', 'endpoint'], message: `There is no saved endpoint "${name}".`, hint };
}
