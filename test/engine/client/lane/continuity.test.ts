import { describe, expect, it } from 'vitest';
import { ContinuityTracker } from '../../../../src/engine/client/lane/continuity.ts';

const fact = (type: 'gap' | 'resume', more: object) => expect.objectContaining({ type, ...more });

describe('where ids are dense', () => {
  it('tells repeats from news and proves a resume', () => {
    const c = new ContinuityTracker(true, 'k3f9.10');
    expect(c.eventReceived('k3f9.11')).toEqual({ duplicate: false, found: [] });
    c.resumeRequested('k3f9.11', 'rst');
    expect(c.eventReceived('k3f9.10').duplicate).toBe(true);
    expect(c.eventReceived('k3f9.11').duplicate).toBe(true);
    expect(c.eventReceived('k3f9.12').found).toEqual([
      {
        type: 'resume',
        sent: 'k3f9.11',
        first: 'k3f9.10',
        missed: 0,
        repeated: 2,
        epochChanged: false,
        after: 'rst',
      },
    ]);
    // once a reconnect
    expect(c.eventReceived('k3f9.13').found).toEqual([]);
  });

  it('finds a hole anywhere, and counts it', () => {
    const c = new ContinuityTracker(true, null);
    expect(c.eventReceived('k3f9.5')).toEqual({ duplicate: false, found: [] });
    expect(c.eventReceived('k3f9.9').found).toEqual([
      { type: 'gap', from: 'k3f9.5', to: 'k3f9.9', missed: 3, reason: 'hole' },
    ]);
  });

  it('finds a hole at a resume', () => {
    const c = new ContinuityTracker(true, 'k3f9.5');
    c.resumeRequested('k3f9.5', 'fin');
    expect(c.eventReceived('k3f9.8').found).toEqual([
      fact('gap', { from: 'k3f9.5', missed: 2, reason: 'hole' }),
      fact('resume', { sent: 'k3f9.5', first: 'k3f9.8', missed: 2 }),
    ]);
  });

  it('believes an announced gap, and counts what is gone once', () => {
    const c = new ContinuityTracker(true, 'k3f9.5');
    c.resumeRequested('k3f9.5', 'fin');
    expect(c.gapAnnounced('k3f9.5', 'k3f9.25', 20, 'trimmed')).toEqual([
      fact('gap', { missed: 20, reason: 'trimmed' }),
    ]);
    expect(c.eventReceived('k3f9.26').found).toEqual([fact('resume', { missed: 20, epochChanged: false })]);
  });

  it('cannot know across epochs, announced or not', () => {
    const c = new ContinuityTracker(true, 'aaaa.5');
    c.resumeRequested('aaaa.5', 'fin');
    c.gapAnnounced('aaaa.5', 'bbbb.0', null, 'epoch');
    expect(c.eventReceived('bbbb.1').found).toEqual([fact('resume', { missed: null, epochChanged: true })]);
    const silent = new ContinuityTracker(true, 'aaaa.5');
    expect(silent.eventReceived('bbbb.3').found).toEqual([fact('gap', { missed: null, reason: 'epoch' })]);
  });

  it('is satisfied when nothing newer exists, but not while something is on its way', () => {
    const c = new ContinuityTracker(true, 'k3f9.5');
    c.resumeRequested('k3f9.5', 'rst');
    expect(c.caughtUp('k3f9.7')).toEqual([]);
    expect(c.caughtUp('k3f9.5')).toEqual([fact('resume', { first: null, missed: 0 })]);
    expect(c.caughtUp('k3f9.5')).toEqual([]);
  });
});

describe('where they are not', () => {
  it('never says that nothing was missed', () => {
    const c = new ContinuityTracker(false, null);
    c.eventReceived('1700000000:0');
    c.resumeRequested('1700000000:0', 'rst');
    expect(c.eventReceived('1700000009:0').found).toEqual([fact('resume', { missed: null })]);
    c.resumeRequested('1700000009:0', 'rst');
    expect(c.caughtUp('1700000009:0')).toEqual([fact('resume', { first: null, missed: null })]);
  });

  it('knows repeats by remembering ids', () => {
    const c = new ContinuityTracker(false, null);
    expect(c.eventReceived('x').duplicate).toBe(false);
    expect(c.eventReceived('y').duplicate).toBe(false);
    expect(c.eventReceived('x').duplicate).toBe(true);
  });

  it('cannot tell repeats without ids', () => {
    const c = new ContinuityTracker(false, null);
    expect(c.eventReceived(null).duplicate).toBe(false);
    expect(c.eventReceived(null).duplicate).toBe(false);
  });
});
