import { expect, it } from 'vitest';
import { lacking } from '../../../src/engine/recording/record-shape.ts';
import type { Observation } from '../../../src/shared/observation.ts';

it('a resume whose repeats cannot be known is whole', () => {
  const resume: Observation = {
    v: 1,
    n: 1,
    at: 1,
    lane: 'sse',
    type: 'resume',
    sent: null,
    first: null,
    missed: null,
    repeated: null,
    epochChanged: false,
    after: 'fin',
  };
  expect(lacking(resume)).toBeNull();
});
