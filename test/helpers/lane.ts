import type { Method } from '../../src/shared/catalog.ts';
import { DEFAULTS } from '../../src/shared/defaults.ts';
import type { Observation, ObservationType } from '../../src/shared/observation.ts';
import { seeded } from '../../src/shared/random.ts';
import { Causes } from '../../src/engine/evidence/causes.ts';
import { plainEndpoint } from '../../src/engine/client/endpoint/endpoint-client.ts';
import { Lane, type LaneOptions } from '../../src/engine/client/lane/lane.ts';
import { dialectNamed } from '../../src/engine/dialects/index.ts';
import { TRANSPORTS } from '../../src/engine/transports/index.ts';
import { Journal } from '../../src/engine/journal/journal.ts';
import { steadyClock } from './steady-clock.ts';

export type Of<T extends ObservationType> = Extract<Observation, { type: T }>;

/** A lane with everything it noted, and a way to wait for what it notes. */
export interface WatchedLane {
  lane: Lane;
  seen: Observation[];
  causes: Causes;
  all<T extends ObservationType>(type: T): Of<T>[];
  /** Resolves with the first observation (already there or to come) that fits. */
  until<T extends ObservationType>(type: T, fits?: (o: Of<T>) => boolean, within?: number): Promise<Of<T>>;
  /** The unique events' data, in order. */
  data(): string[];
  states(): string[];
}

export function watchedLane(
  o: Omit<Partial<LaneOptions>, 'dialect' | 'settings'> & {
    method: Method;
    url: string;
    dialect?: string | LaneOptions['dialect'];
    settings?: Partial<LaneOptions['settings']>;
    headers?: Record<string, string>;
  },
): WatchedLane {
  const clock = o.clock ?? steadyClock();
  const journal = new Journal(clock);
  const causes = o.causes ?? new Causes();
  const seen: Observation[] = [];
  const waiting = new Set<() => void>();
  journal.listen((x) => {
    seen.push(x);
    for (const look of [...waiting]) look();
  });
  const { dialect = 'heartline', settings, headers, ...rest } = o;
  const lane = new Lane({
    id: o.method,
    connect: TRANSPORTS[o.method].connect,
    endpoint: plainEndpoint(o.method, headers),
    cursor: null,
    clock,
    random: seeded(1),
    journal,
    causes,
    enter: async (_lane, host, port) => ({ host, port }),
    latencyOf: () => ({ latency: null, replayed: false }),
    ...rest,
    dialect: typeof dialect === 'string' ? dialectNamed(dialect) : dialect,
    settings: {
      pollMs: DEFAULTS.pollMs,
      holdMs: DEFAULTS.holdMs,
      pingMs: null,
      deadAfter: 'auto',
      pongs: true,
      wire: false,
      backoff: 'full-jitter',
      ...settings,
    },
  });
  const all = <T extends ObservationType>(type: T): Of<T>[] => seen.filter((x): x is Of<T> => x.type === type);
  return {
    lane,
    seen,
    causes,
    all,
    until(type, fits = () => true, within = 30_000) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = all(type).find(fits);
          if (!found) return;
          done();
          resolve(found);
        };
        const timer = setTimeout(() => {
          done();
          const last = seen.slice(-8).map((x) => JSON.stringify(x));
          reject(new Error(`no such ${type} within ${within} ms; the last observations:\n${last.join('\n')}`));
        }, within);
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      });
    },
    data: () => all('event').flatMap((e) => (e.duplicate ? [] : [e.data ?? ''])),
    states: () => all('state').map((s) => s.to + (s.phase ? `/${s.phase}` : '')),
  };
}
