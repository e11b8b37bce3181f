import { describe, expect, it } from 'vitest';
import type { DropFact } from '../../../src/shared/observation.ts';
import { dropSentence, dropLabel } from '../../../src/renderer/labels/drop.ts';

const drop = (over: Partial<DropFact>): DropFact => ({
  type: 'drop',
  evidence: 'fin',
  by: 'path',
  silence: 10_000,
  detected: 1,
  ...over,
});

describe('how a connection ended, in words', () => {
  it.each([
    ['sse', drop({ cause: 'idle-limit' }), 'FIN · idle 10.0 s'],
    ['long-polling', drop({ evidence: 'status:504', cause: 'idle-limit' }), '504 · held 10.0 s'],
    ['websocket', drop({ evidence: 'rst', cause: 'cut' }), 'RST · cut'],
    ['websocket', drop({ evidence: 'close:1006' }), '1006'],
    ['sse', drop({ evidence: 'silence' }), 'silence 10.0 s'],
    ['sse', drop({ evidence: 'offline', cause: 'offline' }), 'offline'],
    ['short-polling', drop({ evidence: 'refused', cause: 'kill' }), 'refused · server killed'],
  ] as const)('%s: %o', (method, fact, words) => expect(dropLabel(fact, method)).toBe(words));

  it('always says who, and admits when that cannot be known', () => {
    expect(dropSentence(drop({ cause: 'idle-limit' }))).toContain('Ended by the path.');
    expect(dropSentence(drop({ by: 'unknown' }))).toContain('cannot be known');
  });
});
