import { expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../../src/shared/shell.ts';
import { readChoices } from '../../../src/main/manners/choices.ts';

it('nothing is on unless it was chosen, and a change leaves the rest as it was', () => {
  expect(readChoices({})).toEqual(DEFAULT_CHOICES);
  const now = readChoices({ notify: { drops: true }, quiet: { from: '22:00', to: '07:00' } });
  expect(readChoices({ keepInTray: true }, now)).toEqual({ ...now, keepInTray: true });
  expect(readChoices({ quiet: null }, now).quiet).toBeNull();
});

it.each([
  [7, 'desktop is not an object'],
  [{ notify: { gaps: 'yes' } }, 'notify.gaps is "yes", neither true nor false'],
  [{ keepInTray: 1 }, 'keepInTray is 1, neither true nor false'],
  [{ quiet: { from: '25:00', to: '07:00' } }, 'quiet needs a from and a to'],
])('a wrong one is named with its place (%j)', (data, sentence) => {
  expect(() => readChoices(data)).toThrow(sentence);
});
