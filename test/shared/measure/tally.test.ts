import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact, Observation } from '../../../src/shared/observation.ts';
import { fold, newTally, summarise, type LaneTally } from '../../../src/shared/measure/tally.ts';
import { summaryFact } from '../../../src/shared/measure/summary-fact.ts';

const T = 1_700_000_000_000;

/** Facts with their offset in ms, as a lane would see them. */
function tallyOf(...facts: [number, Fact][]): LaneTally {
  const tally = newTally('sse', 'http://127.0.0.1:1/events/demo');
  facts.forEach(([ms, fact], i) => fold(tally, { v: 1, n: i + 1, at: T + ms, lane: 'sse', ...fact }));
  return tally;
}
const event = (over: Partial<Extract<Fact, { type: 'event' }>> = {}): Fact => ({
  type: 'event',
  cursor: 'k3f9ab.1',
  id: 'k3f9ab.1',
  event: 'x',
  bytes: 10,
  latency: 5,
  duplicate: false,
  ...over,
});
const state = (from: string, to: string, phase?: string): Fact =>
  ({ type: 'state', from, to, reason: 'connected', ...(phase ? { phase } : {}) }) as Fact;
const drop = (over: Partial<Extract<Fact, { type: 'drop' }>> = {}): Fact => ({
  type: 'drop',
  evidence: 'fin',
  by: 'path',
  silence: 10_000,
  detected: 3,
  ...over,
});
const resume = (over: Partial<Extract<Fact, { type: 'resume' }>> = {}): Fact => ({
  type: 'resume',
  sent: 'k3f9ab.1',
  first: 'k3f9ab.2',
  missed: 0,
  repeated: 0,
  epochChanged: false,
  after: 'fin',
  ...over,
});

describe('continuity', () => {
  it('counts what came, what was new, what was repeated and what was replayed', () => {
    const s = summarise(
      tallyOf([0, event({ replayed: true, latency: null })], [1, event()], [2, event({ duplicate: true })]),
      T + 3,
    );
    expect(s).toMatchObject({ received: 3, unique: 2, duplicates: 1, replayed: 1, missed: 0 });
  });

  it('has no counts for a lane that never opened, and none of repeats where events without ids came again', () => {
    const refused = summarise(tallyOf([0, state('idle', 'connecting')], [1, drop({ evidence: 'refused' })]), T + 2);
    expect(refused).toMatchObject({ received: null, duplicates: null, missed: null, drops: 1 });
    const again = tallyOf(
      [0, state('connecting', 'open')],
      [1, event({ cursor: null, id: null })],
      [2, resume({ repeated: null, missed: null })],
    );
    expect(summarise(again, T + 3)).toMatchObject({ received: 1, duplicates: null, missed: null });
  });

  it('sums what was missed', () => {
    const s = summarise(
      tallyOf(
        [0, resume({ sent: 'k3f9ab.1', missed: 2 })],
        [1, { type: 'gap', from: 'k3f9ab.9', to: 'k3f9ab.12', missed: 3, reason: 'hole' }],
        [2, resume({ sent: 'k3f9ab.20', missed: 4 })],
      ),
      T,
    );
    expect(s.missed).toBe(9);
  });

  it('says it cannot know as soon as one resume or gap cannot, for good', () => {
    const unknown = tallyOf(
      [0, resume({ missed: 2 })],
      [1, resume({ sent: 'x', missed: null })],
      [2, resume({ sent: 'y', missed: 0 })],
    );
    expect(summarise(unknown, T).missed).toBeNull();
    const gap = tallyOf([0, { type: 'gap', from: null, to: null, missed: null, reason: 'unknown' }]);
    expect(summarise(gap, T).missed).toBeNull();
  });

  it('counts an announced gap and the resume that proves it once, in either order', () => {
    const gap: Fact = { type: 'gap', from: 'k3f9ab.1', to: 'k3f9ab.8', missed: 7, reason: 'trimmed' };
    expect(summarise(tallyOf([0, gap], [1, resume({ missed: 7 })]), T).missed).toBe(7);
    expect(summarise(tallyOf([0, resume({ missed: 7 })], [1, gap]), T).missed).toBe(7);
    expect(summarise(tallyOf([0, gap], [1, resume({ missed: 9 })]), T).missed).toBe(9);
  });
});

describe('overhead', () => {
  it('takes traffic as running totals and divides by new events', () => {
    const s = summarise(
      tallyOf(
        [0, { type: 'traffic', bytesIn: 100, bytesOut: 50 }],
        [1, event()],
        [2, event({ duplicate: true })],
        [3, { type: 'traffic', bytesIn: 301, bytesOut: 50 }],
        [4, event()],
      ),
      T,
    );
    expect(s).toMatchObject({ bytesIn: 301, bytesOut: 50, bytesPerEvent: 175.5 });
  });

  it('does not invent a cost per event before there was one', () => {
    expect(summarise(tallyOf([0, { type: 'traffic', bytesIn: 9, bytesOut: 9 }]), T).bytesPerEvent).toBeNull();
  });

  it('counts a 304 among the empty answers', () => {
    const answer = (status: number, empty: boolean): Fact => ({
      type: 'response',
      id: 1,
      status,
      bytes: 0,
      took: 1,
      empty,
    });
    const s = summarise(
      tallyOf(
        [0, { type: 'request', id: 1, method: 'GET', url: '/' }],
        [1, answer(304, true)],
        [2, answer(204, true)],
        [3, answer(200, false)],
      ),
      T,
    );
    expect(s).toMatchObject({ requests: 1, emptyResponses: 2, notModified: 1 });
  });
});

describe('latency', () => {
  it('is null until there was one to measure, and leaves replayed and repeated events out', () => {
    const s = summarise(
      tallyOf([0, event({ latency: null })], [1, event({ replayed: true })], [2, event({ duplicate: true })]),
      T,
    );
    expect(s.latency).toBeNull();
  });

  it('measures the rest', () => {
    const s = summarise(tallyOf([0, event({ latency: 4 })], [1, event({ latency: 8 })]), T);
    expect(s.latency).toEqual({ p50: 4, p95: 8, p99: 8, max: 8 });
  });

  it('leaves out what was published while this program stood still', () => {
    const stoodStill: Fact = { type: 'notice', level: 'warn', code: 'stood-still', message: 'x', since: T + 1000 };
    const s = summarise(
      tallyOf(
        [500, event({ latency: 4 })],
        [21_000, stoodStill],
        [21_010, event({ latency: 15_000 })],
        [22_000, event({ latency: 6 })],
      ),
      T + 30_000,
    );
    expect(s.latency?.max).toBe(6);
  });
});

describe('availability', () => {
  it('adds up the time in each state, the running one included', () => {
    const s = summarise(
      tallyOf(
        [0, state('idle', 'connecting')],
        [20, state('connecting', 'open')],
        [1020, state('open', 'dropped')],
        [1020, state('dropped', 'waiting')],
        [1520, state('waiting', 'connecting')],
      ),
      T + 2000,
    );
    expect(s.states).toEqual({ connecting: 500, open: 1000, dropped: 0, waiting: 500 });
    expect(s.heldOpenMs).toBe(1000);
  });

  it('does not call the rest between polls held open', () => {
    const s = summarise(
      tallyOf(
        [0, state('connecting', 'open', 'requesting')],
        [10, state('open', 'open', 'resting')],
        [2010, state('open', 'open', 'requesting')],
      ),
      T + 2015,
    );
    expect(s.heldOpenMs).toBe(15);
    expect(s.states.open).toBe(2015);
    expect(s.longestSilenceMs).toBe(10);
  });

  it('measures the longest silence on an open connection, up to now', () => {
    const t = tallyOf(
      [0, state('connecting', 'open')],
      [4000, { type: 'heartbeat', kind: 'comment', dir: 'in' }],
      [5000, event()],
    );
    expect(summarise(t, T + 6000).longestSilenceMs).toBe(4000);
    expect(summarise(t, T + 15_000).longestSilenceMs).toBe(10_000);
    expect(summarise(t, T + 6000).longestSilenceMs).toBe(4000); // looking does not count
  });

  it('takes one outage from its first drop to the first event, however many dials failed in between', () => {
    const s = summarise(
      tallyOf(
        [0, state('connecting', 'open')],
        [1000, drop({ detected: 40 })],
        [1000, { type: 'reconnect', attempt: 1, delay: 100, cursor: null }],
        [1200, drop({ evidence: 'refused', silence: 0, detected: null })],
        [1200, { type: 'reconnect', attempt: 2, delay: 200, cursor: null }],
        [1500, event()],
        [1600, event()],
      ),
      T + 2000,
    );
    expect(s).toMatchObject({ drops: 2, reconnects: 2 });
    expect(s.timeToDetect).toMatchObject({ p50: 40, max: 40 });
    expect(s.timeToRecover).toMatchObject({ max: 500 });
  });

  it('tells open again from caught up, and counts no time asleep', () => {
    const s = summarise(
      tallyOf(
        [0, state('connecting', 'open')],
        [1000, drop()],
        [1000, state('open', 'asleep')],
        [61_000, state('asleep', 'waiting')],
        [61_400, state('waiting', 'connecting')],
        [61_500, state('connecting', 'open')],
        [66_500, event()],
      ),
      T + 70_000,
    );
    expect(s.timeToReopen?.max).toBe(500);
    expect(s.timeToRecover?.max).toBe(5500);
  });

  it('counts planned ends beside drops', () => {
    const ended: Fact = {
      type: 'ended',
      by: 'server',
      reason: 'age',
      announced: true,
      evidence: 'clean-end',
      age: 600_000,
    };
    expect(summarise(tallyOf([0, state('connecting', 'open')], [9, ended]), T + 10)).toMatchObject({
      drops: 0,
      ended: 1,
      timeToReopen: null,
    });
  });

  it('counts being caught up as recovered', () => {
    const s = summarise(tallyOf([0, drop()], [300, resume({ first: null })], [9000, event()]), T + 9000);
    expect(s.timeToRecover?.max).toBe(300);
  });
});

describe('a tally is plain data', () => {
  const facts: fc.Arbitrary<Fact> = fc.oneof(
    fc.record({
      type: fc.constant('event' as const),
      cursor: fc.constant(null),
      id: fc.constant(null),
      event: fc.constant('x'),
      bytes: fc.nat(500),
      latency: fc.option(fc.nat(100_000)),
      duplicate: fc.boolean(),
      replayed: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('state' as const),
      from: fc.constant('idle' as const),
      to: fc.constantFrom('connecting', 'open', 'dropped', 'waiting', 'asleep', 'stopped'),
      reason: fc.constant('start' as const),
    }) as fc.Arbitrary<Fact>,
    fc.record({
      type: fc.constant('resume' as const),
      sent: fc.constantFrom('a', 'b', null),
      first: fc.constant(null),
      missed: fc.option(fc.nat(9), { freq: 20 }),
      repeated: fc.constant(0),
      epochChanged: fc.boolean(),
      after: fc.constant('fin'),
    }),
    fc.record({
      type: fc.constant('gap' as const),
      from: fc.constantFrom('a', 'b', null),
      to: fc.constant(null),
      missed: fc.option(fc.nat(9), { freq: 20 }),
      reason: fc.constant('hole'),
    }),
    fc.constant(drop()),
    fc.record({ type: fc.constant('traffic' as const), bytesIn: fc.nat(), bytesOut: fc.nat() }),
    fc.record({
      type: fc.constant('response' as const),
      id: fc.nat(),
      status: fc.constantFrom(200, 204, 304, 410),
      bytes: fc.nat(99),
      took: fc.nat(99),
      empty: fc.boolean(),
    }),
  );

  it('folding in two halves through JSON equals folding at once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5000), facts), { maxLength: 60 }), fc.nat(60), (list, cut) => {
        let at = T;
        const all: Observation[] = list.map(([ms, fact], i) => ({ v: 1, n: i, at: (at += ms), lane: 'sse', ...fact }));
        const once = newTally('sse', 'u');
        for (const o of all) fold(once, o);
        let halves = newTally('sse', 'u');
        for (const o of all.slice(0, cut)) fold(halves, o);
        halves = JSON.parse(JSON.stringify(halves)) as LaneTally;
        for (const o of all.slice(cut)) fold(halves, o);
        expect(halves).toEqual(once);
        expect(summarise(halves, at + 77)).toEqual(summarise(once, at + 77));
        expect(JSON.parse(JSON.stringify(once))).toEqual(once);
      }),
    );
  });

  it('closes a run with one summary of all lanes', () => {
    const fact = summaryFact({ sse: tallyOf([0, event()]), 'sse-2': newTally('sse', 'u') }, T);
    expect(Object.keys(fact.lanes)).toEqual(['sse', 'sse-2']);
    expect(fact.lanes['sse']?.unique).toBe(1);
  });
});
