import { describe, expect, it } from 'vitest';
import { fold, newTally, summarise } from '../../../src/shared/measure/tally.ts';
import type { DropFact, Fact, Observation } from '../../../src/shared/observation.ts';
import type { LaneFinding } from '../../../src/shared/lane-summary.ts';
import type { Method } from '../../../src/shared/catalog.ts';

let n = 0;
function conclude(method: Method, facts: [at: number, fact: Fact][]): LaneFinding[] {
  const tally = newTally(method, 'http://h/');
  for (const [at, fact] of facts) {
    const o: Observation = { v: 1, n: ++n, at, lane: method, ...fact };
    fold(tally, o);
  }
  return summarise(tally, 100_000).findings!;
}
const drop = (silence: number, age: number, more: Partial<DropFact> = {}): Fact => ({
  type: 'drop',
  evidence: 'fin',
  by: 'unknown',
  silence,
  age,
  detected: null,
  ...more,
});
const event = (latency: number | null): Fact => ({
  type: 'event',
  cursor: null,
  id: null,
  event: 'm',
  bytes: 9,
  latency,
  duplicate: false,
});

describe('what a lane concludes', () => {
  it('is nothing after one drop', () => {
    expect(conclude('sse', [[1, drop(10_000, 30_000)]])).toEqual([]);
  });

  it('is an idle limit after equal silences at different ages, and is surer with more of them', () => {
    const two = conclude('sse', [
      [1, drop(10_000, 30_000)],
      [2, drop(10_100, 45_000)],
    ]);
    expect(two).toMatchObject([{ code: 'idle-limit', verdict: 'warning', confidence: 0.6 }]);
    const three = conclude('sse', [
      [1, drop(10_000, 30_000)],
      [2, drop(10_100, 45_000)],
      [3, drop(9950, 71_000)],
    ]);
    expect(three).toMatchObject([{ code: 'idle-limit', verdict: 'problem', value: 10_000, confidence: 0.8 }]);
  });

  it('is no more than likely where nothing else came, and the age is the same', () => {
    const found = conclude(
      'sse',
      [1, 2, 3, 4].map((i) => [i, drop(10_000, 10_020)]),
    );
    expect(found).toMatchObject([{ code: 'idle-limit', confidence: 0.7 }]);
    expect(found[0]!.text).toContain('age');
  });

  it('is a lifetime after three ages within 3 %, whatever the silences', () => {
    const found = conclude('websocket', [
      [1, drop(120, 60_000)],
      [2, drop(900, 60_300)],
      [3, drop(400, 59_800)],
    ]);
    expect(found).toMatchObject([{ code: 'lifetime', verdict: 'problem', value: 60_000 }]);
    expect(
      conclude('websocket', [
        [1, drop(120, 60_000)],
        [2, drop(900, 60_300)],
        [3, drop(400, 50_000)],
      ]),
    ).toEqual([]);
  });

  it('is known where the path is our own', () => {
    expect(conclude('sse', [[1, drop(3000, 9000, { cause: 'idle-limit', by: 'path' })]])).toMatchObject([
      { code: 'idle-limit', value: 3000, confidence: 1 },
    ]);
  });

  it('is a limit of the hold for polls', () => {
    const gone = { evidence: 'status:504' as const };
    expect(
      conclude('long-polling', [
        [1, drop(60_000, 60_010, gone)],
        [2, drop(60_100, 60_110, gone)],
      ]),
    ).toMatchObject([{ code: 'hold-limit', value: 60_100 }]);
  });

  it('blames nobody for the client’s own sleep, cuts and watchdog', () => {
    const own = (['client-sleep', 'cut', 'offline', 'stood-still'] as const).map((cause, i): [number, Fact] => [
      i,
      drop(10_000, 20_000, { cause }),
    ]);
    expect(conclude('sse', own)).toEqual([]);
    expect(
      conclude('sse', [[1, drop(40_000, 90_000, { evidence: 'silence', by: 'client', cause: 'missed-heartbeats' })]]),
    ).toMatchObject([{ code: 'zombie', confidence: 0.5 }]);
  });

  it('is buffering where the oldest of each clump is late, and none where a burst is the origin’s own', () => {
    const clumps = (latencies: (number | null)[]): [number, Fact][] =>
      [0, 1, 2, 3, 4, 5, 6].flatMap((c) => latencies.map((ms, i): [number, Fact] => [c * 3000 + i * 2, event(ms)]));
    expect(conclude('sse', clumps([2400, 1400, 300]))).toMatchObject([
      { code: 'buffered', verdict: 'problem', value: 2400 },
    ]);
    expect(conclude('sse', clumps([3, 3, 4]))).toEqual([]);
    expect(conclude('sse', clumps([null, null, null]))).toMatchObject([
      { code: 'buffered', verdict: 'warning', confidence: 0.3 },
    ]);
    expect(conclude('short-polling', clumps([2400, 1400, 300]))).toEqual([]);
  });

  it('is a late head where a notice said so', () => {
    const notice: Fact = {
      type: 'notice',
      level: 'warn',
      code: 'head-late',
      message: 'The head of the answer has not come for 5 s: …',
    };
    expect(conclude('sse', [[1, notice]])).toMatchObject([{ code: 'head-late', value: 5000, confidence: 0.5 }]);
  });
});
