import { expect, it } from 'vitest';
import { STATES } from '../../../../src/shared/catalog.ts';
import { canTransition, TRANSITIONS } from '../../../../src/engine/client/lane/states.ts';

it('every state can be reached, and left by a person', () => {
  for (const to of STATES) {
    if (to === 'idle') continue;
    expect(
      STATES.some((from) => canTransition(from, to)),
      to,
    ).toBe(true);
  }
  for (const from of STATES) {
    if (from !== 'stopped') expect(canTransition(from, 'stopped'), from).toBe(true);
  }
});

it('only dialling leads to open, and nothing leads back to idle', () => {
  expect(STATES.filter((from) => canTransition(from, 'open'))).toEqual(['connecting', 'open', 'asleep']);
  expect(STATES.filter((from) => canTransition(from, 'idle'))).toEqual([]);
  // a drop always shows its wait before the next try
  expect(TRANSITIONS.dropped).not.toContain('connecting');
});
