import { expect, test } from 'vitest';
import { foldContinuity, newContinuityCounts } from '../../../src/shared/measure/continuity.ts';
import type { EventFact } from '../../../src/shared/observation.ts';

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
