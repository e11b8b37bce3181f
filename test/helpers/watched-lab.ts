/** A lab and everything it has noted, with waiting by condition. */
import type { LaneSnapshot } from '../../src/shared/api.ts';
import type { RunConfig } from '../../src/shared/run-config.ts';
import { METHODS, type Method } from '../../src/shared/catalog.ts';
import type { LaneSummary } from '../../src/shared/lane-summary.ts';
import type { Fact, Observation, ObservationType } from '../../src/shared/observation.ts';
import { Lab, type LabOptions } from '../../src/engine/lab.ts';
import { labClock } from './steady-clock.ts';

export type Noted<T extends ObservationType> = Extract<Observation, { type: T }> & Extract<Fact, { type: T }>;

export interface WatchedLab {
  lab: Lab;
  seen: Observation[];
  /** What was noted of one kind, optionally of one lane and after observation `since`. */
  noted<T extends ObservationType>(type: T, lane?: string | null, since?: number): Noted<T>[];
  lane(id: string): LaneSnapshot;
  summary(id: string): LaneSummary;
  /** The number of the newest observation. */
  n(): number;
  /** Resolves once it holds; looked at after every observation. Fails with what the lanes were doing. */
  until(what: string, holds: () => boolean, withinMs?: number): Promise<void>;
  /** Lets engine time pass. */
  pass(engineMs: number): Promise<void>;
  close(): Promise<void>;
}

export async function watchedLab(
  config: Partial<RunConfig>,
  options: Partial<Omit<LabOptions, 'config'>> = {},
): Promise<WatchedLab> {
  const lab = new Lab({ host: 'cli', version: 'test', dataDir: null, config, clock: labClock, ...options });
  const seen: Observation[] = [];
  const waiting = new Set<() => void>();
  lab.listen((o) => {
    seen.push(o);
    for (const look of waiting) look();
  });
  await lab.start();

  const watched: WatchedLab = {
    lab,
    seen,
    noted: <T extends ObservationType>(type: T, lane?: string | null, since = 0) =>
      seen.filter((o) => o.type === type && o.n > since && (lane === undefined || o.lane === lane)) as Noted<T>[],
    lane(id) {
      const found = lab.snapshot().lanes.find((lane) => lane.id === id);
      if (!found) throw new Error(`no lane ${id}`);
      return found;
    },
    summary: (id) => lab.summary()[id]!,
    n: () => seen.at(-1)?.n ?? 0,
    until(what, holds, withinMs = 60_000) {
      return new Promise((resolve, reject) => {
        const done = (): void => {
          waiting.delete(look);
          clearInterval(again);
          clearTimeout(late);
        };
        const look = (): void => {
          if (!holds()) return;
          done();
          resolve();
        };
        const again = setInterval(look, 50); // what is asked may also hang on the passing of time
        const late = setTimeout(() => {
          done();
          reject(new Error(`not within ${withinMs} ms: ${what}\n${describe(watched)}`));
        }, withinMs);
        waiting.add(look);
        look();
      });
    },
    async pass(engineMs) {
      const begin = lab.snapshot().now;
      await watched.until(`${engineMs} ms of engine time`, () => lab.snapshot().now >= begin + engineMs, 120_000);
    },
    close: () => lab.close(),
  };
  return watched;
}

export const everyLane = (holds: (lane: Method) => boolean): boolean => METHODS.every(holds);

function describe(watched: WatchedLab): string {
  const lanes = watched.lab.snapshot().lanes.map((lane) => {
    const { unique, duplicates, missed, drops } = watched.summary(lane.id);
    const counted = `${unique} unique, ${duplicates} repeated, missed ${missed}, ${drops} drops`;
    return `${lane.id}: ${lane.state}${lane.phase ? `/${lane.phase}` : ''} at ${lane.cursor}; ${counted}`;
  });
  const quiet = new Set<ObservationType>(['wire', 'traffic', 'server', 'event', 'request', 'response']);
  const last = watched.seen.filter((o) => !quiet.has(o.type)).slice(-25);
  return [...lanes, ...last.map((o) => JSON.stringify(o))].join('\n');
}
