import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineApi } from '../../../../src/shared/api.ts';
import { Failure } from '../../../../src/shared/failure.ts';
import LaneSettings from '../../../../src/renderer/features/lanes/LaneSettings.vue';
import { clientOf, draftOf, settingProblem } from '../../../../src/renderer/features/lanes/lane-draft.ts';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { useSight } from '../../../../src/renderer/stores/sight.ts';
import { laneSnapshot, snapshot } from '../../helpers.ts';

describe('a lane’s own settings as texts', () => {
  it('only those that its method has a use for, and back to the same', () => {
    const client = { pingMs: null, deadAfter: 'off', pongs: false, retryOn: ['503', '1008=stop'] } as const;
    const draft = draftOf('websocket', { ...client, retryOn: [...client.retryOn] });
    expect(draft).toMatchObject({
      pingMs: 'off',
      deadAfter: 'off',
      pongs: 'off',
      backoff: '',
      retryOn: '503, 1008=stop',
    });
    expect(Object.keys(draft)).not.toContain('pollMs');
    expect(clientOf(draft)).toEqual(client);
  });

  it('what will not do is said with what would', () => {
    expect(settingProblem('pollMs', '5 parsecs')).toMatch(/5 parsecs/);
    expect(settingProblem('pollMs', '1ms')).toBe('Give at least 10ms.');
    expect(settingProblem('retryOn', '503, soon')).toContain('"soon" is no rule');
    expect(settingProblem('acceptEncoding', 'rar')).toContain('gzip');
    expect(settingProblem('holdMs', '')).toBeNull();
  });
});

describe('the dialog', () => {
  beforeEach(() => setActivePinia(createPinia()));
  afterEach(() => (document.body.innerHTML = ''));
  const by = (id: string) => document.querySelector<HTMLInputElement>(`[data-testid="${id}"]`)!;
  const type = async (id: string, text: string): Promise<void> => {
    by(id).value = text;
    by(id).dispatchEvent(new Event('input'));
    await flushPromises();
  };
  const open = async (changeLane: EngineApi['changeLane']) => {
    const live = useLive();
    live.takeSnapshot(snapshot({ lanes: [laneSnapshot('sse'), laneSnapshot('websocket')] }));
    live.api = { changeLane } as unknown as EngineApi;
    const form = mount(LaneSettings, { attachTo: document.body });
    useSight().editedLane = 'websocket';
    await flushPromises();
    return form;
  };

  it('sends what was changed when it is told to, and says when that acts', async () => {
    const sent: unknown[] = [];
    const form = await open(async (change) => void sent.push(change));
    expect(by('lane-pollMs')).toBeNull();
    await type('lane-name', 'canary');
    expect(by('lane-reconnect')).toBeNull(); // a name acts at once
    await type('lane-pingMs', '7s');
    expect(by('lane-settings-form').textContent).toContain('from the next connection on');
    expect(sent).toEqual([]);
    by('lane-apply').click();
    await flushPromises();
    expect(sent).toEqual([{ lane: 'websocket', name: 'canary', client: { pingMs: 7000 } }]);
    expect(useSight().editedLane).toBeNull();
    form.unmount();
  });

  it('keeps what was typed when it is refused, and says why', async () => {
    const form = await open(async () => {
      throw new Failure({ code: 'bad-lane', message: 'Not so.' });
    });
    await type('lane-name', 'canary');
    by('lane-apply').click();
    await flushPromises();
    expect(by('lane-refused').textContent).toContain('Not so.');
    expect(by('lane-name').value).toBe('canary');
    await type('lane-pingMs', 'never');
    expect(by('lane-apply').disabled).toBe(true);
    form.unmount();
  });
});
