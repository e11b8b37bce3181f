import type { EngineApi, LabSnapshot, ServerView } from '../../shared/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseCursor } from '../../shared/cursor.ts';
import {
  checkLanes,
  foldLaneEnds,
  newLaneEnds,
  type CheckResult,
  type LaneEnd,
  type LaneEnds,
} from '../../shared/expect.ts';
import { failureData, failureText } from '../../shared/failure.ts';
import { summarise } from '../../shared/measure/tally.ts';
import type { LaneSummary } from '../../shared/measure/summary.ts';
import type { Observation } from '../../shared/observation.ts';
import { realClock } from '../clock.ts';
import { Lab } from '../lab.ts';
import type { Action, Plan } from './plan.ts';

export interface RunScenarioOptions {
  version: string;
  /** Wins over the file's. */
  seed?: number;
  record?: string | null;
  onObservation?: (o: Observation) => void;
  /** Ends the run early; what was expected is still checked. */
  signal?: AbortSignal;
  /** For tests: the clock of a run at a scale. */
  clock?: (scale: number) => Clock;
}

export interface ScenarioResult {
  name: string;
  passed: boolean;
  checks: CheckResult[];
  summary: Record<string, LaneSummary>;
  seed: number;
  timeScale: number;
  /** When the schedule began: Unix ms of engine time. */
  beganAt: number;
  /** Engine milliseconds from the beginning to the end. */
  took: number;
  /** Lanes that never opened. */
  unopened: string[];
}

/** The schedule begins once every lane has opened or failed to, and in any case after this long: engine and real ms. */
const PATIENCE = { engineMs: 10_000, realMs: 2000 };

/** Plays a scenario in a lab of its own. All waiting is by the run's clock. @throws Failure when it cannot start */
export async function runScenario(plan: Plan, options: RunScenarioOptions): Promise<ScenarioResult> {
  const seed = options.seed ?? plan.seed ?? 1;
  const make = options.clock ?? realClock;
  const { timeScale } = plan.config;
  const clock = make(timeScale);
  const lab = new Lab({
    host: 'cli',
    version: options.version,
    dataDir: null,
    config: { ...plan.config, seed },
    log: plan.log,
    serverSettings: plan.server,
    record: options.record ?? null,
    wire: false,
    clock: (scale) => (scale === timeScale ? clock : make(scale)),
  });
  const watch = new Watch(plan.lanes);
  lab.listen((o) => {
    watch.see(o);
    options.onObservation?.(o);
  });
  const { signal } = options;
  try {
    await lab.start();
    const begun = await watch.begun(clock, signal);
    const failures = begun ? await play(plan, lab, clock, signal) : [];
    const snapshot = lab.snapshot();
    const checks = [...failures, ...checkLanes(plan.expect, laneEnds(snapshot, await lab.serverView(), watch.ends))];
    if (signal?.aborted) checks.unshift(cutShort(plan, clock.now() - watch.beganAt));
    return {
      name: plan.name,
      passed: checks.every((check) => check.passed),
      checks,
      summary: Object.fromEntries(snapshot.lanes.map(({ id, tally }) => [id, summarise(tally, snapshot.now)])),
      seed,
      timeScale,
      beganAt: Math.round(watch.beganAt),
      took: Math.round(clock.now() - watch.beganAt),
      unopened: watch.unopened,
    };
  } finally {
    await lab.close();
  }
}

/** Does what the plan says when it says so, to its end. @returns a failed check for each step that could not be done */
async function play(plan: Plan, engine: EngineApi, clock: Clock, signal?: AbortSignal): Promise<CheckResult[]> {
  const began = clock.now();
  const failures: CheckResult[] = [];
  const under: Promise<void>[] = [];
  const until = async (at: number): Promise<boolean> => {
    const left = began + at - clock.now();
    if (left > 0) await clock.sleep(left, signal).catch(() => {});
    return !signal?.aborted;
  };
  for (const { at, entry, action } of plan.steps) {
    if (!(await until(at))) return failures;
    // a drain takes its time; what comes next does not wait for it
    const done = perform(engine, action).catch((error: unknown) => {
      failures.push({
        name: `schedule[${entry}]`,
        lane: null,
        expected: `${action.do} can be done`,
        actual: failureText(failureData(error)),
        passed: false,
      });
    });
    under.push(done);
  }
  if (await until(plan.durationMs)) await Promise.all(under);
  return failures;
}

async function perform(engine: EngineApi, action: Action): Promise<void> {
  switch (action.do) {
    case 'setPath':
      return engine.setPath({ via: action.via });
    case 'sleep': {
      const { ms, timers, lane } = action;
      return engine.sleep({ ms, timers, ...(lane === undefined ? {} : { lane }) });
    }
    case 'setOffline':
      return engine.setOffline({ offline: action.offline });
    case 'cutAll':
      return engine.cutAll({ end: action.end });
    case 'restartServer':
      return engine.restartServer();
    case 'killServer':
      return engine.killServer({ downMs: action.downMs });
    case 'loseLog':
      return engine.loseLog();
    case 'publish': {
      const { type, data, terminal } = action;
      await engine.publish({ type, data, ...(terminal ? { terminal } : {}) });
      return;
    }
    case 'setHeartbeat':
      return engine.setHeartbeat({ everyMs: action.everyMs });
    case 'setWorkload':
      return engine.setWorkload(action.spec);
    case 'setPongs':
      return engine.setPongs({ on: action.on });
  }
}

/** What is seen of the lanes as they go. */
class Watch {
  readonly ends: Record<string, LaneEnds>;
  beganAt = 0;
  readonly #opened = new Set<string>();
  readonly #settled = new Set<string>();
  readonly #lanes: readonly string[];
  #ready: () => void = () => {};

  constructor(lanes: readonly string[]) {
    this.#lanes = lanes;
    this.ends = Object.fromEntries(lanes.map((id) => [id, newLaneEnds()]));
  }

  see(o: Observation): void {
    if (o.lane === null) return;
    const ends = this.ends[o.lane];
    if (ends) foldLaneEnds(ends, o);
    if (o.type === 'state' && o.to === 'open') this.#opened.add(o.lane);
    if (o.type === 'drop' || (o.type === 'state' && (o.to === 'open' || o.to === 'failed'))) {
      this.#settled.add(o.lane);
      if (this.#settled.size >= this.#lanes.length) this.#ready();
    }
  }

  get unopened(): string[] {
    return this.#lanes.filter((id) => !this.#opened.has(id));
  }

  /** Resolves when the schedule begins; false when the run was ended before. */
  async begun(clock: Clock, signal?: AbortSignal): Promise<boolean> {
    if (this.#settled.size < this.#lanes.length) {
      const enough = new AbortController();
      const stop = (): void => enough.abort();
      this.#ready = stop;
      signal?.addEventListener('abort', stop, { once: true });
      const patience = Math.max(PATIENCE.engineMs, PATIENCE.realMs * clock.scale);
      if (!signal?.aborted) await clock.sleep(patience, enough.signal).catch(() => {});
      signal?.removeEventListener('abort', stop);
    }
    this.beganAt = clock.now();
    return !signal?.aborted;
  }
}

function laneEnds(
  snapshot: LabSnapshot,
  server: ServerView | null,
  ends: Record<string, LaneEnds>,
): Record<string, LaneEnd> {
  return Object.fromEntries(
    snapshot.lanes.map(({ id, method, state, cursor, tally }) => {
      const { downSince } = tally.availability;
      const end: LaneEnd = {
        summary: summarise(tally, snapshot.now),
        state,
        downForMs: downSince === null ? null : snapshot.now - downSince,
        behind: behind(snapshot.server.head, cursor),
        served: server && { asked: server.requests[method], handed: server.polled },
        ends: ends[id] ?? newLaneEnds(),
      };
      return [id, end];
    }),
  );
}

/** How far a cursor lies behind the head of our own log; null when they cannot be compared. */
function behind(head: string | null, cursor: string | null): number | null {
  const [h, c] = [head, cursor].map((text) => (text === null ? null : parseCursor(text)));
  return h && c && h.epoch === c.epoch ? h.seq - c.seq : null;
}

const cutShort = (plan: Plan, after: number): CheckResult => ({
  name: 'the scenario runs to its end',
  lane: null,
  expected: `${plan.durationMs}ms`,
  actual: `stopped after ${Math.max(0, Math.round(after))}ms`,
  passed: false,
});
