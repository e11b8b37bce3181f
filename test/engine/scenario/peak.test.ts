import { expect, it } from 'vitest';
import { WindowPeak } from '../../../src/engine/scenario/peak.ts';

it('is the most within any stretch, wherever that begins', () => {
  const peak = new WindowPeak(1000);
  expect(peak.max).toBe(0);
  for (const at of [0, 900, 1000, 1899, 1900, 5000]) peak.note(at);
  expect(peak.max).toBe(3); // 900, 1000 and 1899: what lies a whole stretch apart does not count together
});
