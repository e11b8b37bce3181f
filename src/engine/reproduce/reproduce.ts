/** Finds the smallest path and schedule on which our own lanes show what an incident showed, by running them. */
import { stringify } from 'yaml';
import { runScenario } from '../run-scenario.ts';
import { readPlan } from '../scenario/read.ts';
import { candidatesFor, faultsOf, type Candidate } from './candidates.ts';
import { IncidentReader, type Incident } from './incident.ts';

export interface Reproduction {
  matched: boolean;
  faults: number;
  runs: number;
  /** As a scenario file; null where nothing reproduces it. */
  scenario: string | null;
}

/** The longest one run may take in real time; 20 is as fast as real sockets go without their jitter being told. */
const RUN_MS = 6000;
const FASTEST = 20;
const MOST_PUBLISHES = 900;

export async function reproduce(
  incident: Incident,
  o: { version: string; seed: number; signal?: AbortSignal },
): Promise<Reproduction> {
  let runs = 0;
  for (const candidate of candidatesFor(incident)) {
    if (o.signal?.aborted) break;
    const text = scenarioOf(incident, candidate);
    const reader = new IncidentReader();
    runs++;
    await runScenario(readPlan(text), { ...o, onObservation: (one) => reader.read(one) });
    if (showsTheSame(incident, reader.incident)) {
      return { matched: true, faults: faultsOf(candidate), runs, scenario: text };
    }
  }
  return { matched: false, faults: 0, runs, scenario: null };
}

function scenarioOf(incident: Incident, { path, steps }: Candidate): string {
  const { durationMs, events, lanes, heartbeatMs, holdMs, pollMs } = incident;
  const timeScale = Math.min(FASTEST, Math.max(1, Math.ceil(durationMs / RUN_MS)));
  const publishes = events
    .slice(0, MOST_PUBLISHES)
    .map((at) => ({ at: `${Math.round(at)}ms`, do: 'publish', data: 'event' }));
  return stringify({
    name: 'Reproduced incident',
    ...(timeScale > 1 ? { timeScale } : {}),
    server: {
      workload: 'none',
      heartbeat: heartbeatMs === null ? 'off' : `${heartbeatMs}ms`,
      hold: `${holdMs}ms`,
    },
    lanes: lanes.map(({ method }) => ({
      method,
      ...(method === 'short-polling' ? { poll: `${pollMs}ms` } : {}),
      ...(method === 'long-polling' ? { hold: `${holdMs}ms` } : {}),
    })),
    ...(path.length > 0 ? { path } : {}),
    schedule: [...publishes, ...steps].sort((a, b) => parseFloat(String(a.at)) - parseFloat(String(b.at))),
    duration: `${Math.ceil(durationMs)}ms`,
  });
}

/** Each lane's drops by kind, one more or less where there were many, and what was missed and repeated. */
function showsTheSame(there: Incident, here: Incident): boolean {
  return there.lanes.every(({ id }) => {
    const [a, b] = [kindsOf(there, id), kindsOf(here, id)];
    const kinds = new Set([...a.keys(), ...b.keys()]);
    for (const kind of kinds) {
      const [x, y] = [a.get(kind) ?? 0, b.get(kind) ?? 0];
      if (Math.min(x, y) === 0 || Math.abs(x - y) > spare(Math.max(x, y))) return false;
    }
    const [was, is] = [there.ledger[id], here.ledger[id]];
    return was?.missed == null || is?.missed == null || was.missed === is.missed;
  });
}

/** Waits are jittered: of several equal ends one more or less may fall into the run. */
const spare = (n: number): number => (n < 2 ? 0 : Math.max(1, Math.floor(n / 4)));

function kindsOf({ drops }: Incident, lane: string): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const d of drops) {
    if (d.lane !== lane || d.evidence === 'refused') continue;
    kinds.set(d.evidence, (kinds.get(d.evidence) ?? 0) + 1);
  }
  return kinds;
}
