import { describe, expect, it } from 'vitest';
import { ContinuityTracker } from '../../../../src/engine/client/lane/continuity.ts';

const DENSE = { kind: 'dense', next: 'same', epoch: { pattern: '^(?:(?<epoch>\\S{0,64})\\.)?(?<seq>\\d{1,100})$' }, previous: null } as const; // prettier-ignore
const OPAQUE = { kind: 'opaque', next: 'same', epoch: null, previous: null } as const;

const fact = (type: 'gap' | 'resume', more: object) => expect.objectContaining({ type, ...more });

describe('where ids are dense', () => {
  it('tells repeats from news and proves a resume', () => {
    const c = new ContinuityTracker(DENSE, 'k3f9.10');
    expect(c.eventReceived({ id: 'k3f9.11' })).toEqual({ duplicate: false, found: [] });
    c.resumeRequested('k3f9.11', 'rst');
    expect(c.eventReceived({ id: 'k3f9.10' }).duplicate).toBe(true);
    expect(c.eventReceived({ id: 'k3f9.11' }).duplicate).toBe(true);
    expect(c.eventReceived({ id: 'k3f9.12' }).found).toEqual([
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
    expect(c.eventReceived({ id: 'k3f9.13' }).found).toEqual([]);
  });

  it('finds a hole anywhere, and counts it', () => {
    const c = new ContinuityTracker(DENSE, null);
    expect(c.eventReceived({ id: 'k3f9.5' })).toEqual({ duplicate: false, found: [] });
    expect(c.eventReceived({ id: 'k3f9.9' }).found).toEqual([
      { type: 'gap', from: 'k3f9.5', to: 'k3f9.9', missed: 3, reason: 'hole' },
    ]);
  });

  it('finds a hole at a resume', () => {
    const c = new ContinuityTracker(DENSE, 'k3f9.5');
    c.resumeRequested('k3f9.5', 'fin');
    expect(c.eventReceived({ id: 'k3f9.8' }).found).toEqual([
      fact('gap', { from: 'k3f9.5', missed: 2, reason: 'hole' }),
      fact('resume', { sent: 'k3f9.5', first: 'k3f9.8', missed: 2 }),
    ]);
  });

  it('believes an announced gap, and counts what is gone once', () => {
    const c = new ContinuityTracker(DENSE, 'k3f9.5');
    c.resumeRequested('k3f9.5', 'fin');
    expect(c.gapAnnounced('k3f9.5', 'k3f9.25', 20, 'trimmed')).toEqual([
      fact('gap', { missed: 20, reason: 'trimmed' }),
    ]);
    expect(c.eventReceived({ id: 'k3f9.26' }).found).toEqual([fact('resume', { missed: 20, epochChanged: false })]);
  });

  it('cannot know across epochs, announced or not', () => {
    const c = new ContinuityTracker(DENSE, 'aaaa.5');
    c.resumeRequested('aaaa.5', 'fin');
    c.gapAnnounced('aaaa.5', 'bbbb.0', null, 'epoch');
    expect(c.eventReceived({ id: 'bbbb.1' }).found).toEqual([fact('resume', { missed: null, epochChanged: true })]);
    const silent = new ContinuityTracker(DENSE, 'aaaa.5');
    expect(silent.eventReceived({ id: 'bbbb.3' }).found).toEqual([fact('gap', { missed: null, reason: 'epoch' })]);
  });

  it('is satisfied when nothing newer exists, but not while something is on its way', () => {
    const c = new ContinuityTracker(DENSE, 'k3f9.5');
    c.resumeRequested('k3f9.5', 'rst');
    expect(c.caughtUp('k3f9.7')).toEqual([]);
    expect(c.caughtUp('k3f9.5')).toEqual([fact('resume', { first: null, missed: 0 })]);
    expect(c.caughtUp('k3f9.5')).toEqual([]);
  });
});

describe('where they are not', () => {
  it('never says that nothing was missed', () => {
    const c = new ContinuityTracker(OPAQUE, null);
    c.eventReceived({ id: '1700000000:0' });
    c.resumeRequested('1700000000:0', 'rst');
    expect(c.eventReceived({ id: '1700000009:0' }).found).toEqual([fact('resume', { missed: null })]);
    c.resumeRequested('1700000009:0', 'rst');
    expect(c.caughtUp('1700000009:0')).toEqual([fact('resume', { first: null, missed: null })]);
  });

  it('knows repeats by remembering ids', () => {
    const c = new ContinuityTracker(OPAQUE, null);
    expect(c.eventReceived({ id: 'x' }).duplicate).toBe(false);
    expect(c.eventReceived({ id: 'y' }).duplicate).toBe(false);
    expect(c.eventReceived({ id: 'x' }).duplicate).toBe(true);
  });

  it('cannot tell repeats without ids', () => {
    const c = new ContinuityTracker(OPAQUE, null);
    expect(c.eventReceived({ id: null }).duplicate).toBe(false);
    expect(c.eventReceived({ id: null }).duplicate).toBe(false);
  });
});

describe('what cannot be known', () => {
  it('is what came before the first event, where no cursor was ever had', () => {
    const c = new ContinuityTracker(DENSE, null);
    c.resumeRequested(null, 'fin');
    expect(c.eventReceived({ id: '3' }).found).toEqual([fact('resume', { sent: null, first: '3', missed: null })]);
    expect(c.eventReceived({ id: '4' }).found).toEqual([]);
  });

  it('is not made known by a newest cursor that the second connection is greeted with', () => {
    const c = new ContinuityTracker(DENSE, null);
    c.resumeRequested(null, 'fin');
    c.cursorMoved('2');
    expect(c.eventReceived({ id: '3' }).found).toEqual([fact('resume', { missed: null })]);
  });

  it('is whether the same numbers mean the same events, once the server names another epoch', () => {
    const c = new ContinuityTracker(DENSE, null);
    c.epochNamed('one');
    c.eventReceived({ id: '10' });
    c.resumeRequested('10', 'fin');
    expect(c.epochNamed('two')).toEqual([fact('gap', { from: '10', missed: null, reason: 'epoch' })]);
    expect(c.eventReceived({ id: '11' }).found).toEqual([fact('resume', { missed: null, epochChanged: true })]);
  });

  it('is what a jump backwards means without an epoch; what comes is new unless it says the same', () => {
    const c = new ContinuityTracker(DENSE, null);
    c.eventReceived({ id: '5', data: 'five' });
    c.eventReceived({ id: '6', data: 'six' });
    c.resumeRequested('6', 'fin');
    expect(c.eventReceived({ id: '5', data: 'five' }).duplicate).toBe(true);
    expect(c.eventReceived({ id: '6', data: 'another six' })).toEqual({
      duplicate: false,
      found: [fact('gap', { missed: null, reason: 'unknown' }), fact('resume', { missed: null, repeated: 1 })],
    });
  });

  it('is whether an event without an id is a repeat', () => {
    const c = new ContinuityTracker(OPAQUE, null);
    c.eventReceived({ id: null, data: 'a' });
    c.resumeRequested(null, 'fin');
    expect(c.eventReceived({ id: null, data: 'a' }).found).toEqual([fact('resume', { missed: null, repeated: null })]);
  });
});

it('counts ids beyond 2^53 exactly', () => {
  const c = new ContinuityTracker(DENSE, null);
  c.eventReceived({ id: '9007199254740992' });
  expect(c.eventReceived({ id: '9007199254740993' })).toEqual({ duplicate: false, found: [] });
  expect(c.eventReceived({ id: '9007199254740995' }).found).toEqual([fact('gap', { missed: 1, reason: 'hole' })]);
});

it('orders digits as numbers: 10 follows 9', () => {
  const c = new ContinuityTracker(DENSE, '9');
  expect(c.eventReceived({ id: '10' })).toEqual({ duplicate: false, found: [] });
});

it('knows again the one event that a server hands out from the cursor on, not after it', () => {
  const c = new ContinuityTracker(DENSE, '7');
  c.resumeRequested('7', 'fin');
  expect(c.eventReceived({ id: '7', data: 'seven' }).duplicate).toBe(true);
  expect(c.eventReceived({ id: '8', data: 'eight' }).found).toEqual([fact('resume', { missed: 0, repeated: 1 })]);
});
