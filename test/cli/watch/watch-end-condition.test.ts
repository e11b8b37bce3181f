import { describe, expect, it } from 'vitest';
import { WatchEndCondition } from '../../../src/cli/watch/watch-end-condition.ts';
import type { Fact } from '../../../src/shared/observation.ts';

function watching(options: { events?: number; patient?: boolean }, ...lanes: string[]) {
  const ends: string[] = [];
  const end = new WatchEndCondition({ events: options.events ?? null, patient: options.patient ?? false }, (why) =>
    ends.push(why),
  );
  const see = (lane: string | null, fact: Fact): void => end.observe({ v: 1, n: 1, at: 1, lane, ...fact });
  see(null, { type: 'run', lanes: lanes.map((id) => ({ id, method: 'sse', url: `http://h/${id}` })) } as never);
  const event = (lane: string, duplicate = false): void =>
    see(lane, { type: 'event', cursor: null, id: null, event: 'x', bytes: 1, latency: null, duplicate });
  const state = (lane: string, to: string): void =>
    see(lane, { type: 'state', from: 'idle', to, reason: 'start' } as never);
  const drop = (lane: string): void =>
    see(lane, { type: 'drop', evidence: 'refused', by: 'unknown', silence: 0, detected: null });
  return { end, ends, event, state, drop };
}

describe('a watch', () => {
  it('ends when every lane has so many different events', () => {
    const w = watching({ events: 2 }, 'a', 'b');
    w.event('a');
    w.event('a');
    w.event('b');
    w.event('b', true);
    expect(w.ends).toEqual([]);
    w.event('b');
    expect(w.ends[0]).toContain('2 different');
  });

  it('knows which lanes never opened, and by what evidence', () => {
    const w = watching({}, 'a', 'b');
    w.state('a', 'open');
    w.drop('b');
    expect(w.end.unopened).toEqual([{ id: 'b', url: 'http://h/b', evidence: 'refused' }]);
  });

  it('gives up on what was never reached, unless told how long to try', () => {
    const w = watching({}, 'a', 'b');
    const patient = watching({ patient: true }, 'a', 'b');
    for (const { drop } of [w, patient]) {
      for (let i = 0; i < 9; i++) drop(i % 2 ? 'a' : 'b');
    }
    expect(w.ends[0]).toBe('none could be reached');
    expect(patient.ends).toEqual([]);
  });

  it('goes on while one lane stands, and ends when the last is over', () => {
    const w = watching({}, 'a', 'b');
    w.state('a', 'open');
    for (let i = 0; i < 9; i++) w.drop('b');
    expect(w.ends).toEqual([]);
    w.state('b', 'failed');
    w.state('a', 'stopped');
    expect(w.ends[0]).toBe('every lane is over');
  });

  it('does not wait for events on a lane that is over', () => {
    const w = watching({ events: 1 }, 'a', 'b');
    w.state('b', 'failed');
    expect(w.ends).toEqual([]);
    w.event('a');
    expect(w.ends[0]).toContain('1 different');
  });
});
