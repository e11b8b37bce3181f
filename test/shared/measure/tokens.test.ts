import { describe, expect, it } from 'vitest';
import { fold, newTally, summarise, type LaneTally } from '../../../src/shared/measure/tally.ts';
import type { Fact } from '../../../src/shared/observation.ts';
import { summaryTable } from '../../../src/cli/text/summary.ts';

const T = 1_700_000_000_000;

function tallyOf(...facts: [number, Fact][]): LaneTally {
  const tally = newTally('sse', 'http://127.0.0.1:1/x');
  facts.forEach(([ms, fact], i) => fold(tally, { v: 1, n: i + 1, at: T + ms, lane: 'sse', ...fact }));
  return tally;
}
const request = (cursor?: string): Fact => ({
  type: 'request',
  id: 1,
  method: cursor === undefined ? 'POST' : 'GET',
  url: 'http://127.0.0.1:1/x',
  ...(cursor === undefined ? {} : { cursor }),
});
const open: Fact = { type: 'state', from: 'connecting', to: 'open', reason: 'connected' };
const event = (token: boolean, id: string | null = null, duplicate = false): Fact => ({
  type: 'event',
  cursor: id,
  id,
  event: 'x',
  bytes: 10,
  latency: null,
  duplicate,
  ...(token ? { token } : {}),
});
const truncated: Fact = { type: 'notice', level: 'warn', code: 'truncated', message: 'x' };
const ended: Fact = { type: 'state', from: 'open', to: 'stopped', reason: 'ended' };

describe('the tokens of a stream', () => {
  it('are timed from the request, and from one to the next', () => {
    const tally = tallyOf(
      [0, request()],
      [5, open],
      [6, event(false)],
      [40, event(true)],
      [60, event(true)],
      [60, event(true)],
      [90, event(true)],
      [95, ended],
    );
    const s = summarise(tally, T + 100);
    expect(s.tokens).toMatchObject({ count: 4, timeToFirst: { max: 40 }, gaps: { p50: 20, p99: 30 }, clumped: 1 });
    // without ids nobody can know
    expect(s.tokens).toMatchObject({ repeated: null, missed: null, resumedBy: null });
    expect(s.truncated).toBe(false);
    const text = summaryTable({ sse: s });
    expect(text).toMatch(/to the first token, p50 +40 ms/);
    expect(text).toMatch(/between tokens, p99 +30 ms/);
    expect(text).toMatch(/terminal message +came/);
  });

  it('a resume is named, is no first token, and what came twice is told by its id', () => {
    const tally = tallyOf(
      [0, request()],
      [5, open],
      [10, event(true, '1')],
      [12, truncated],
      [500, request('1')],
      [505, open],
      [510, event(true, '1', true)],
      [520, event(true, '2')],
    );
    const s = summarise(tally, T + 600);
    expect(s.tokens).toMatchObject({ count: 2, timeToFirst: { p50: 10, max: 10 }, gaps: null, clumped: null });
    expect(s.tokens).toMatchObject({ repeated: 1, resumedBy: { method: 'GET', cursor: '1' } });
    expect(summaryTable({ sse: s })).toMatch(/terminal message +NOT COME/);
  });

  it('are not spoken of where none came', () => {
    const s = summarise(tallyOf([0, request()], [5, open], [6, event(false)]), T + 10);
    expect(s.tokens).toBeNull();
    expect(summaryTable({ sse: s })).not.toMatch(/token|terminal/);
  });
});
