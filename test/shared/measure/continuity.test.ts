import { expect, test } from 'vitest';
import { foldContinuity, newContinuityCounts } from '../../../src/shared/measure/continuity.ts';
import type { EventFact, Observation } from '../../../src/shared/observation.ts';

const event = (cursor: string | null): EventFact => ({
  type: 'event',
  cursor,
  id: cursor,
  event: 'tick',
  bytes: 1,
  latency: null,
  duplicate: false,
});

test.each([['1795422281:7'], ['12'], ['ca51ad91-8e91'], [null]])(
  'an id that does not count (%s) proves nothing: missed is unknown, even where nothing went wrong',
  (id) => {
    const c = newContinuityCounts();
    foldContinuity(c, { v: 1, n: 1, at: 1, lane: 'sse', ...event(id) });
    expect(c).toMatchObject({ unique: 1, missed: null });
  },
);

test('a dense id does', () => {
  const c = newContinuityCounts();
  foldContinuity(c, { v: 1, n: 1, at: 1, lane: 'sse', ...event('k3f9ab.12') });
  expect(c).toMatchObject({ unique: 1, missed: 0 });
});

const noted = (fact: Partial<Observation> & { type: Observation['type'] }): Observation =>
  ({ v: 1, n: 1, at: 1, lane: 'sse', ...fact }) as Observation;
const run = (dense: boolean): Observation =>
  noted({ type: 'run', lane: null, target: { kind: 'remote', name: 'x', dialect: 'x', dense, base: null } });

test('a foreign id counts where the dialect says that its ids are dense, and a gap is added up', () => {
  const c = newContinuityCounts();
  for (const o of [
    run(true),
    noted(event('12')),
    noted({ type: 'gap', from: '12', to: '15', missed: 2, reason: 'hole' }),
    noted(event('15')),
  ])
    foldContinuity(c, o);
  expect(c.missed).toBe(2);
});

test.each([['status:410'], ['close:4410']] as const)(
  'a cursor that is refused with %s leaves missed unknown',
  (evidence) => {
    const c = newContinuityCounts();
    foldContinuity(c, noted({ type: 'drop', evidence, by: 'server', silence: 1, detected: null }));
    expect(c.missed).toBeNull();
  },
);
