import type { EngineApi, LabSnapshot } from '../../src/shared/api.ts';
import type { Fact, Observation } from '../../src/shared/observation.ts';
import { Failure } from '../../src/shared/failure.ts';
import { ENGINE_CALLS } from '../../src/rpc/schemas.ts';
import type { FeedSource } from '../../src/rpc/feed.ts';

/** An engine that does nothing but remember what it was asked, and see what it is told to see. */
export interface FakeEngine extends EngineApi, FeedSource {
  calls: { name: string; args: unknown[] }[];
  emit(fact?: Fact): void;
  n: number;
  listening: number;
  snapshots: number;
}

export function fakeEngine(over: Partial<EngineApi> = {}): FakeEngine {
  const calls: FakeEngine['calls'] = [];
  const listeners = new Set<(o: Observation) => void>();
  const engine = {
    calls,
    n: 0,
    snapshots: 0,
    get listening() {
      return listeners.size;
    },
    emit(fact: Fact = { type: 'notice', level: 'info', code: 'x', message: 'seen' }) {
      engine.n++;
      for (const fn of listeners) fn({ v: 1, n: engine.n, at: engine.n, lane: null, ...fact });
    },
    snapshot: () => {
      engine.snapshots++;
      return { n: engine.n, now: 0, lanes: [], recent: [] } as unknown as LabSnapshot;
    },
    listen(fn: (o: Observation) => void) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  };
  const api = Object.fromEntries(
    ENGINE_CALLS.map((name) => [
      name,
      async (...args: unknown[]) => {
        calls.push({ name, args: args.filter((a) => a !== undefined) });
      },
    ]),
  );
  return Object.assign(engine, api, over) as unknown as FakeEngine;
}

export const badVia = async (): Promise<never> => {
  throw new Failure({
    code: 'bad-via',
    place: '--via',
    message: '"nginxx" is not the name of a preset or fault.',
    hint: 'Did you mean nginx?',
    exit: 2,
  });
};
