import { describe, expect, it } from 'vitest';
import type { Fact, Observation } from '../../../src/shared/observation.ts';
import { LaneWatch } from '../../../src/main/manners/lane-watch.ts';

const about = (lane: string | null, fact: object): Observation =>
  ({ v: 1, n: 1, at: 0, lane, ...(fact as Fact) }) as Observation; // cast: only what is looked at
const run = about(null, {
  type: 'run',
  lanes: [
    { id: 'sse', method: 'sse', url: '' },
    { id: 'ws', method: 'websocket', url: '', name: 'Prices' },
  ],
});
const drop = (lane: string): Observation => about(lane, { type: 'drop', evidence: 'rst' });
const opened = (lane: string): Observation => about(lane, { type: 'state', from: 'backing-off', to: 'open' });

describe('what is told of lanes to those who look elsewhere', () => {
  it('names a lane as the page does, and counts it as down until it is open again', () => {
    const watch = new LaneWatch();
    watch.take(run);
    expect(watch.state).toBe('No lane is down');
    expect(watch.take(drop('ws'))).toEqual({ what: 'drops', text: 'Prices dropped: rst' });
    expect(watch.take(drop('ws'))).not.toBeNull();
    expect([watch.down, watch.state, watch.lastDrop]).toEqual([1, '1 of 2 lanes is down', 'Prices dropped: rst']);
    expect(watch.take(opened('ws'))).toEqual({ what: 'recovered', text: 'Prices is open again' });
    expect(watch.take(opened('ws'))).toBeNull();
    expect([watch.down, watch.lastDrop]).toEqual([0, 'Prices dropped: rst']);
  });

  it('does not claim to know how much was missed where nobody does', () => {
    const watch = new LaneWatch();
    watch.take(run);
    expect(watch.take(about('ws', { type: 'gap', missed: null }))?.text).toBe(
      'Prices has missed an unknown number of events',
    );
    expect(watch.take(about('ws', { type: 'gap', missed: 3 }))?.text).toBe('Prices has missed 3 events');
  });

  it('forgets a lane that is removed or stopped, and all of them with a new run', () => {
    const watch = new LaneWatch();
    watch.take(run);
    watch.take(drop('sse'));
    watch.take(drop('ws'));
    watch.take(about('sse', { type: 'lane', action: 'remove', method: 'sse', name: null }));
    expect([watch.down, watch.lanes]).toEqual([1, 1]);
    watch.take(about('ws', { type: 'state', from: 'open', to: 'stopped' }));
    expect(watch.down).toBe(0);
    watch.take(run);
    expect([watch.lanes, watch.lastDrop]).toEqual([2, null]);
  });
});
