import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LaneSnapshot } from '../../../../src/shared/api.ts';
import type { Method } from '../../../../src/shared/catalog.ts';
import LaneHead from '../../../../src/renderer/features/live/LaneHead.vue';
import { LaneModel } from '../../../../src/renderer/model/lane-model.ts';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { distance, headroom } from '../../../../src/renderer/features/live/figures.ts';
import { laneHead } from '../../../../src/renderer/features/live/lane-head.ts';
import { laneSnapshot, snapshot, START, teller } from '../../helpers.ts';

function lane(method: Method, over: Partial<LaneSnapshot>): LaneModel {
  const track = new LaneModel(method, method, 'http://127.0.0.1:1/', START);
  track.restore(laneSnapshot(method, over), START);
  return track;
}

describe('a lane’s head', () => {
  it.each([
    [
      'short-polling',
      { state: 'open', phase: 'resting', since: START, until: START + 2000 },
      'Resting',
      'next poll in',
      '0.5 s',
    ],
    [
      'long-polling',
      { state: 'open', phase: 'held', since: START, until: START + 5700 },
      'Held',
      'hold ends in',
      '4.2 s',
    ],
    ['sse', { state: 'waiting', since: START, until: START + 2000 }, 'Waiting', 'retry in', '0.5 s'],
    ['websocket', { state: 'asleep', since: START, until: START + 10_000 }, 'Asleep', 'client wakes in', '8.5 s'],
    ['sse', { state: 'failed', since: START }, 'Failed', 'will not try again', null],
    ['sse', { state: 'connecting', since: START }, 'Connecting', 'dialling', null],
  ] as const)('%s %o: %s, %s %s', (method, over, word, phase, countdown) => {
    const head = laneHead(lane(method, over), START + 1500, null);
    expect(head).toMatchObject({ word, phase, countdown });
  });

  it('counts an open stream down to the path’s idle limit, from its last byte', () => {
    const track = lane('sse', { state: 'open', since: START });
    track.apply(teller()(4, 'sse', { type: 'heartbeat', kind: 'comment', dir: 'in' }));
    expect(laneHead(track, START + 6000, 10_000)).toMatchObject({
      phase: 'idle limit in',
      countdown: '8.0 s',
      passed: 0.2,
    });
    expect(laneHead(track, START + 6000, null)).toMatchObject({ phase: 'no idle limit on path', countdown: null });
  });

  it('counts a held poll down to whichever comes first, the end of its hold or the idle limit', () => {
    const until = START + 30_000;
    const track = lane('long-polling', { state: 'open', phase: 'held', since: START, until });
    expect(laneHead(track, START + 4000, 10_000)).toMatchObject({ phase: 'idle limit in', countdown: '6.0 s' });
    expect(laneHead(track, START + 4000, 60_000)).toMatchObject({ phase: 'hold ends in', countdown: '26.0 s' });
    expect(laneHead(track, START + 4000, null)).toMatchObject({ phase: 'hold ends in' });
  });

  it('has a shape for each state, so that colour never stands alone', () => {
    const shapes = (['open', 'waiting', 'asleep', 'stopped', 'failed', 'connecting', 'dropped'] as const).map(
      (state) => laneHead(lane('sse', { state }), START, null).shape,
    );
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

describe('figures beside a lane', () => {
  it('say how far behind, and only where both cursors are of one log', () => {
    expect(distance('k3f9.426', 'k3f9.427')).toBe('1 behind');
    expect(distance('k3f9.427', 'k3f9.427')).toBe('at head');
    expect(distance('k3f9.427', 'zz00.3')).toBe('another epoch');
    expect(distance('1700:0', 'k3f9.3')).toBe('–');
  });

  it('measure headroom by the longest silence since the conditions changed', () => {
    const track = lane('websocket', { state: 'open', since: START });
    const tell = teller();
    track.apply(tell(5, 'websocket', { type: 'heartbeat', kind: 'pong', dir: 'in' }));
    expect(headroom(track, START + 6000, 10_000)).toMatchObject({
      whyNone: null,
      now: 0.1,
      longest: 0.5,
      words: '5.0 of 10 s',
    });
    expect(headroom(track, START + 6000, null).whyNone).toBe('no idle limit on the path');
    track.onConditionsChanged(0);
    expect(headroom(track, START + 6000, 10_000).longest).toBe(0.1);
    expect(headroom(lane('sse', {}), START + 6000, 10_000).words).toBe('– of 10 s');
  });

  it('never show more silence than the path allows: a client that slept through it is said to have', () => {
    const idle = { type: 'drop', evidence: 'fin', cause: 'idle-limit', by: 'path', detected: 0 } as const;
    const awake = lane('sse', { state: 'open', since: START });
    awake.apply(teller()(11, 'sse', { ...idle, silence: 11_000 }));
    expect(headroom(awake, START + 11_000, 10_000).words).toBe('10.0 of 10 s');
    const slept = lane('sse', { state: 'open', since: START });
    const tell = teller();
    slept.apply(tell(1, 'sse', { type: 'sleep', phase: 'begin', what: 'lane' }));
    slept.apply(tell(20, 'sse', { type: 'sleep', phase: 'end', what: 'lane' }));
    slept.apply(tell(20, 'sse', { ...idle, silence: 19_500 }));
    expect(headroom(slept, START + 20_000, 10_000).words).toBe('slept past the limit');
  });
});

describe('the head on the page', () => {
  beforeEach(() => setActivePinia(createPinia()));

  it('shows state, countdown and drops where tests and readers look for them', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot({ now: START + 1000 }));
    live.takeBatch({
      seq: 1,
      now: START + 1000,
      observations: [
        tell(0.5, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
        tell(0.9, 'sse', { type: 'drop', evidence: 'rst', cause: 'cut', by: 'path', silence: 10, detected: 1 }),
        tell(0.9, 'sse', { type: 'state', from: 'open', to: 'waiting', reason: 'back-off', until: START + 60_000 }),
      ],
    });
    live.applyPending();
    const head = mount(LaneHead, { props: { lane: live.run!.lane('sse')! } });
    expect(head.find('[data-testid="state"]').text()).toBe('Waiting');
    expect(head.find('[data-testid="state"]').attributes('data-state')).toBe('waiting');
    expect(head.find('[data-testid="countdown"]').text()).toMatch(/^5\d\.\d s$/);
    expect(head.find('[data-testid="drops"]').text()).toBe('1 drop');
  });
});
