import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import LaneRow from '../../../../src/renderer/features/live/LaneRow.vue';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { event, snapshot, START, teller } from '../../helpers.ts';

beforeEach(() => setActivePinia(createPinia()));

describe('a lane’s row', () => {
  it('shows the next run’s lane of the same name, not the last one’s', async () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({ seq: 1, now: START + 1000, observations: [tell(1, 'sse', event(7))] });
    live.applyPending();
    live.figures++;
    const row = mount(LaneRow, { props: { lane: live.run!.lane('sse')! } });
    await nextTick();
    expect(row.find('[data-testid="cursor"]').text()).toBe('k3f9.7');
    live.takeSnapshot(snapshot({ runStartedAt: START + 9000, now: START + 9000 }));
    await row.setProps({ lane: live.run!.lane('sse')! });
    expect(row.find('[data-testid="cursor"]').text()).toBe('–');
    expect(Object.keys(row.vm)).not.toContain('lane');
  });

  it('says “cannot know” where ids are not dense, never 0', async () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({
      seq: 1,
      now: START + 1000,
      observations: [
        tell(0.5, 'sse', { type: 'drop', evidence: 'rst', by: 'unknown', silence: 10, detected: null }),
        tell(0.9, 'sse', {
          type: 'resume',
          sent: '17',
          first: '19',
          missed: null,
          repeated: 0,
          epochChanged: false,
          after: 'rst',
        }),
      ],
    });
    live.applyPending();
    live.figures++;
    const row = mount(LaneRow, { props: { lane: live.run!.lane('sse')! } });
    expect(row.find('[data-testid="missed"]').text()).toBe('cannot know');
  });

  it('teaches while it is empty, and gives one way out when it has failed', async () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    const row = mount(LaneRow, { props: { lane: live.run!.lane('sse')! } });
    expect(row.find('[data-testid="lane-message"]').text()).toBe('Connecting to 127.0.0.1:7410');
    // it never stood anywhere: 0 missed would be a claim
    expect(row.find('[data-testid="missed"]').text()).toBe('–');
    live.takeBatch({
      seq: 1,
      now: START + 1000,
      observations: [
        tell(0.5, 'sse', {
          type: 'drop',
          evidence: 'status:401',
          by: 'server',
          silence: 10,
          detected: null,
          detail: 'the server refused the token',
        }),
        tell(0.5, 'sse', {
          type: 'state',
          from: 'connecting',
          to: 'failed',
          reason: 'refused-by-server',
          evidence: 'status:401',
        }),
      ],
    });
    live.applyPending();
    live.tick++;
    await nextTick();
    const message = row.find('[data-testid="lane-message"]');
    expect(message.text()).toContain('401');
    expect(message.text()).toContain('the server refused the token');
    expect(message.findAll('button')).toHaveLength(1);
    expect(row.find('[data-testid="state"]').text()).toBe('Failed');
  });
});
