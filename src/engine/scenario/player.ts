import type { EngineApi, EngineCall, LabSnapshot, ServerView } from '../../shared/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseCursor } from '../../shared/protocol/cursor.ts';
import type { CheckResult } from '../../shared/check-result.ts';
import { checkLanes } from '../../shared/scenario/expect.ts';
import { foldLossCounts, newLossCounts, type LossCounts } from '../../shared/scenario/losses.ts';
import type { LaneResult } from '../../shared/scenario/measures.ts';
import { failureData, failureText } from '../../shared/failure.ts';
import { summarise } from '../../shared/measure/tally.ts';
import type { LaneSummary } from '../../shared/lane-summary.ts';
import type { Observation, ScenarioFact } from '../../shared/observation.ts';
import { WindowPeak } from './peak.ts';
import type { Plan } from './plan.ts';

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

/** The run that a scenario is played on. */
export interface PlayContext {
  engine: EngineApi;
  clock: Clock;
  snapshot(): Pick<LabSnapshot, 'now' | 'lanes' | 'server' | 'config'>;
  /** Null where the server is not ours. */
  serverView(): ServerView | null;
  note(fact: ScenarioFact): void;
}

/** The schedule begins once every lane has opened or failed to, and in any case after this long: engine and real ms. */
const OPEN_TIMEOUT = { engineMs: 10_000, realMs: 2000 };

/** Plays a plan once. It must observe its run from the first observation on. All waiting is by the run's clock. */
export class ScenarioPlayer {
  readonly plan: Plan;
  readonly #losses: Record<string, LossCounts>;
  readonly #opened = new Set<string>();
  readonly #settled = new Set<string>();
  readonly #stop = new AbortController();
  #onSettled: () => void = () => {};
  readonly #dialPeak = new WindowPeak(1000);
  #beganAt: number | null = null;
  #endedAt: number | null = null;
  #checks: CheckResult[] | null = null;

  constructor(plan: Plan) {
    this.plan = plan;
    this.#losses = Object.fromEntries(plan.lanes.map((id) => [id, newLossCounts()]));
  }

  /** Where it stands; times are engine time. */
  get state() {
    const { name, durationMs } = this.plan;
    return {
      name,
      durationMs,
      beganAt: this.#beganAt,
      endedAt: this.#endedAt,
      stopped: this.#endedAt !== null && this.#stop.signal.aborted,
      checks: this.#checks,
    };
  }

  observe(o: Observation): void {
    if (o.lane === null || this.#endedAt !== null) return;
    const ends = this.#losses[o.lane];
    if (ends) foldLossCounts(ends, o);
    if (o.type === 'state' && o.to === 'open') this.#opened.add(o.lane);
    if (o.type === 'state' && o.to === 'connecting' && this.#beganAt !== null) this.#dialPeak.note(o.at);
    if (o.type === 'drop' || (o.type === 'state' && (o.to === 'open' || o.to === 'failed'))) {
      this.#settled.add(o.lane);
      if (this.#settled.size >= this.plan.lanes.length) this.#onSettled();
    }
  }

  /** Ends it before its time; what was expected is still checked. */
  stop(): void {
    if (this.#endedAt === null) this.#stop.abort();
  }

  /** Waits for the lanes, does what the plan says when it says so, and checks what it expects. */
  async play(context: PlayContext): Promise<ScenarioResult> {
    const { plan } = this;
    const { clock } = context;
    const { signal } = this.#stop;
    const fact = { type: 'scenario', name: plan.name, duration: plan.durationMs } as const;
    const started = await this.#waitForLanes(clock);
    const beganAt = clock.now();
    this.#beganAt = Math.round(beganAt);
    context.note({ ...fact, phase: 'begin' });
    const failures = started ? await this.#runSchedule(context) : [];
    const took = clock.now() - beganAt;
    const snapshot = context.snapshot();
    const results = laneResults(snapshot, context.serverView(), this.#losses, this.#dialPeak.max);
    const checks = [...failures, ...checkLanes(plan.expect, results)];
    if (signal.aborted) checks.unshift(stoppedEarly(plan, took));
    this.#endedAt = Math.round(clock.now());
    this.#checks = checks;
    const passed = checks.every((check) => check.passed);
    context.note({ ...fact, phase: 'end', passed, stopped: signal.aborted, checks });
    return {
      name: plan.name,
      passed,
      checks,
      summary: Object.fromEntries(snapshot.lanes.map(({ id, tally }) => [id, summarise(tally, snapshot.now)])),
      seed: snapshot.config.seed,
      timeScale: plan.config.timeScale,
      beganAt: this.#beganAt,
      took: Math.round(took),
      unopened: plan.lanes.filter((id) => !this.#opened.has(id)),
    };
  }

  /** Resolves when the schedule begins; false when the run was ended before. */
  async #waitForLanes(clock: Clock): Promise<boolean> {
    const { signal } = this.#stop;
    if (this.#settled.size < this.plan.lanes.length) {
      const settledOrStopped = new AbortController();
      const stop = (): void => settledOrStopped.abort();
      this.#onSettled = stop;
      signal.addEventListener('abort', stop, { once: true });
      const timeoutMs = Math.max(OPEN_TIMEOUT.engineMs, OPEN_TIMEOUT.realMs * clock.scale);
      if (!signal.aborted) await clock.sleep(timeoutMs, settledOrStopped.signal).catch(() => {});
      signal.removeEventListener('abort', stop);
    }
    return !signal.aborted;
  }

  /** @returns a failed check for each step that could not be done */
  async #runSchedule({ engine, clock }: PlayContext): Promise<CheckResult[]> {
    const { signal } = this.#stop;
    const began = clock.now();
    const failures: CheckResult[] = [];
    const running: Promise<void>[] = [];
    const waitUntil = async (at: number): Promise<boolean> => {
      const left = began + at - clock.now();
      if (left > 0) await clock.sleep(left, signal).catch(() => {});
      return !signal.aborted;
    };
    for (const { at, entry, action } of this.plan.steps) {
      if (!(await waitUntil(at))) return failures;
      // a drain takes its time; what comes next does not wait for it
      const done = perform(engine, action).catch((error: unknown) => {
        failures.push({
          name: `schedule[${entry}]`,
          lane: null,
          expected: `${action.call} can be done`,
          actual: failureText(failureData(error)),
          passed: false,
        });
      });
      running.push(done);
    }
    if (await waitUntil(this.plan.durationMs)) await Promise.all(running);
    return failures;
  }
}

/** The engine's calls as functions of one type a name, so that the compiler can match name and arguments. */
type Calls = { [P in keyof EngineApi]: (...args: Parameters<EngineApi[P]>) => Promise<unknown> };

async function perform<K extends keyof EngineApi>(engine: Calls, { call, args }: EngineCall<K>): Promise<void> {
  await engine[call](...args);
}

function laneResults(
  snapshot: Pick<LabSnapshot, 'now' | 'lanes' | 'server'>,
  server: ServerView | null,
  ends: Record<string, LossCounts>,
  peakReconnects: number,
): Record<string, LaneResult> {
  return Object.fromEntries(
    snapshot.lanes.map(({ id, method, state, cursor, tally }) => {
      const { downSince } = tally.availability;
      const end: LaneResult = {
        summary: summarise(tally, snapshot.now),
        state,
        downForMs: downSince === null ? null : snapshot.now - downSince,
        behind: behind(snapshot.server.head, cursor),
        served: server && { asked: server.requests[method], handed: server.polled },
        losses: ends[id] ?? newLossCounts(),
        peakReconnects,
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

const stoppedEarly = (plan: Plan, after: number): CheckResult => ({
  name: 'the scenario runs to its end',
  lane: null,
  expected: `${plan.durationMs}ms`,
  actual: `stopped after ${Math.max(0, Math.round(after))}ms`,
  passed: false,
});
