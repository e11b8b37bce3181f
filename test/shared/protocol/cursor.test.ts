import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCursor, parseCursor, resolveCursor, type Bounds } from '../../../src/shared/protocol/cursor.ts';

const bounds: Bounds = { epoch: 'k3f9ab', floor: 10, newest: 20, ended: false };

describe('a cursor', () => {
  it('is written and read back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-z]{4,16}$/), fc.nat(Number.MAX_SAFE_INTEGER), (epoch, seq) => {
        expect(parseCursor(formatCursor(epoch, seq))).toEqual({ epoch, seq });
      }),
    );
  });

  it.each([
    '',
    'k3f9ab',
    'k3f9ab.',
    '.5',
    'k3f9ab.05',
    'k3f9ab.-1',
    'K3F9AB.5',
    'abc.5',
    'k3f9ab.5 ',
    'k3f9ab.1e3',
    `${'a'.repeat(17)}.1`,
  ])('is none of ours: %j', (text) => expect(parseCursor(text)).toBeNull());

  it.each([
    [null, 'earliest', 10],
    [null, 'now', 20],
    ['', 'now', 20],
    ['earliest', 'now', 10],
    ['now', 'earliest', 20],
    ['k3f9ab.15', 'now', 15],
    ['k3f9ab.10', 'now', 10],
    ['k3f9ab.20', 'now', 20],
  ] as const)('%j with start %s goes on after %i', (asked, start, after) => {
    expect(resolveCursor(asked, bounds, start)).toEqual({ verdict: 'ok', after });
  });

  it.each([
    ['k3f9ab.9', 'trimmed', 1],
    ['k3f9ab.0', 'trimmed', 10],
    ['k3f9ab.21', 'future', null],
    ['other1.15', 'epoch', null],
  ])('%s is a gap: %s, %j missed, and the resume cursor is good', (asked, reason, missed) => {
    const verdict = resolveCursor(asked, bounds, 'now');
    expect(verdict).toMatchObject({
      verdict: 'gap',
      after: 10,
      gap: { reason, requested: asked, missed, floor: 'k3f9ab.10', newest: 'k3f9ab.20', resume: 'k3f9ab.10' },
    });
    expect(resolveCursor('k3f9ab.10', bounds, 'now')).toEqual({ verdict: 'ok', after: 10 });
  });

  it('anything else is malformed, never a crash', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { verdict } = resolveCursor(text, bounds, 'now');
        expect(['ok', 'gap', 'malformed']).toContain(verdict);
      }),
    );
    expect(resolveCursor('latest', bounds, 'now')).toEqual({ verdict: 'malformed' });
  });
});
