import { expect, it } from 'vitest';
import { parseRunTime } from '../../../../src/renderer/features/live/run-time.ts';

it('a time of the run is typed as a clock, as a duration, or as so long ago', () => {
  expect(['1:05', '1:02:03', '65', '65s', '-30s', '-9m'].map((text) => parseRunTime(text, 100_000))).toEqual([
    65_000, 3_723_000, 65_000, 65_000, 70_000, 0,
  ]);
  expect(['', 'soon', '1:', '--5s'].map((text) => parseRunTime(text, 100_000))).toEqual([null, null, null, null]);
});
