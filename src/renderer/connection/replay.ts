import type { EngineApi, EngineInfo, LabSnapshot, LaneSnapshot } from '../../shared/api.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import { Failure } from '../../shared/failure.ts';
import { newTally } from '../../shared/measure/tally.ts';
import type { Observation, RunFact } from '../../shared/observation.ts';
import { recordedPath } from '../../shared/path/resolve.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import { readScenarioDocument } from '../../shared/scenario/document.ts';
import { engineApiOf } from '../../rpc/schemas.ts';
import type { FeedHandlers } from '../../rpc/client.ts';
import type { Connect } from './connection.ts';

type RunRecord = Observation & RunFact;

/** Records of one batch: a page folds so many at once without a pause. */
const BATCH = 1000;

/**
 * A recording as an engine: the same calls and the same feed, answered from its records, so that every view works on
 * what was recorded as on what is live. What would change a run is refused.
 * @param records of one run, in their order
 * @param info what the engine that shows it knows; the recording itself knows no faults, presets and dialects
 */
export const replayRecording =
  (records: readonly Observation[], info: Partial<EngineInfo> = {}): Connect =>
  async (handlers) => {
    const run = records.find((o): o is RunRecord => o.type === 'run');
    if (!run) throw noRun();
    play(run, records, handlers);
    return { api: replayApi(run, info), close: () => {} };
  };

/** Where the run stood at its start, and then what happened. */
function play(run: RunRecord, records: readonly Observation[], handlers: FeedHandlers): void {
  handlers.snapshot(startOf(run));
  const after = records.slice(records.indexOf(run) + 1);
  for (let from = 0, seq = 2; from < after.length; from += BATCH, seq++) {
    const observations = after.slice(from, from + BATCH);
    handlers.batch({ seq, now: observations.at(-1)!.at, observations });
  }
}

function startOf(run: RunRecord): LabSnapshot {
  const isOurs = run.target.kind === 'embedded';
  return {
    n: run.n,
    now: run.at,
    runStartedAt: run.at,
    config: configOf(run),
    lanes: run.lanes.map(({ id, method, url, name = null, client = {} }): LaneSnapshot => {
      const tally = newTally(method, url);
      return { id, method, url, name, client, state: 'idle', phase: null, since: run.at, until: null, cursor: run.start, tally }; // prettier-ignore
    }),
    path: { via: run.via, label: run.via.length === 0 ? 'Direct' : run.via.join(' + '), idleLimitMs: null },
    server: { running: false, url: isOurs ? run.target.base : null, epoch: null, head: isOurs ? run.start : null, floor: null }, // prettier-ignore
    offline: false,
    asleepUntil: null,
    pongs: true,
    recording: null,
    scenario: null,
    recent: [],
    forgotten: 0,
  };
}

function configOf(run: RunRecord): RunConfig {
  const { target, lanes, channel, start, via, workload, heartbeatMs, pollMs, holdMs, backoff, timeScale, seed } = run;
  return {
    target:
      target.kind === 'embedded' ? { kind: 'embedded' } : { ...target, kind: 'remote', urls: {}, channel, headers: {} }, // headers are never recorded
    lanes: lanes.map(({ id: _, ...lane }) => lane),
    path: recordedPath(via) ?? [],
    heartbeatMs,
    // cast: a record holds the names that the configuration was made of
    workload: { name: 'none', rate: null, size: null, burst: null, ...(workload as RunConfig['workload'] | null) },
    channel,
    after: start,
    pollMs,
    holdMs: holdMs || DEFAULTS.holdMs,
    pingMs: null,
    deadAfter: 'auto',
    backoff: backoff as RunConfig['backoff'], // cast: as above
    pongs: true,
    timeScale,
    seed,
  };
}

/** The calls that only ask; each of the others is refused. */
function replayApi(run: RunRecord, info: Partial<EngineInfo>): EngineApi {
  const asks: Partial<EngineApi> = {
    info: async () => ({
      version: run.version,
      host: 'browser',
      node: run.node,
      electron: null,
      platform: run.platform,
      faults: [],
      presets: [],
      dialects: [],
      ...info,
    }),
    endpoints: async () => [],
    savedPaths: async () => [],
    savedScenarios: async () => [],
    serverView: async () => null,
    checkTarget: async () => [],
    checkScenario: async ({ text }) => {
      const { scenario, problems, syntax, place } = readScenarioDocument(text);
      return { scenario, problems: [...syntax.map((problem) => ({ key: '', ...problem })), ...problems.map(place)] };
    },
  };
  const refuse = async (): Promise<never> => {
    throw new Failure({
      code: 'recording-is-read-only',
      message: 'This is a recording: what has happened cannot be changed.',
      hint: 'Go back to the live run, or start one like it.',
    });
  };
  return { ...engineApiOf(refuse), ...asks };
}

const noRun = (): Failure =>
  new Failure({
    code: 'bad-recording',
    message: 'The start of the run was not recorded, so it cannot be shown.',
    hint: 'Choose a recording that begins with its run.',
  });
