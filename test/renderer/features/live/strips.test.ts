import { enableAutoUnmount, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nextTick } from 'vue';
import LanesView from '../../../../src/renderer/features/live/LanesView.vue';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { laneSnapshot, snapshot } from '../../helpers.ts';

beforeEach(() => setActivePinia(createPinia()));
enableAutoUnmount(afterEach);

const sse = (n: number) => Array.from({ length: n }, (_, i) => laneSnapshot('sse', { id: i === 0 ? 'sse' : `sse-${i + 1}` })); // prettier-ignore

it('eight lanes stand in full', () => {
  useLive().takeSnapshot(snapshot({ lanes: sse(8) }));
  expect(mount(LanesView).findAll('[data-testid="open-lane"]')).toHaveLength(0);
});

it('more lanes become strips that still say how they are, open on click and fold again', async () => {
  useLive().takeSnapshot(snapshot({ lanes: sse(10) }));
  const stage = mount(LanesView);
  expect(stage.findAll('[data-testid="open-lane"]')).toHaveLength(2);
  expect(stage.find('[data-testid="lane-sse-10"] [data-testid="state"]').text()).toBe('Connecting');
  await stage.find('[data-testid="lane-sse-9"] [data-testid="open-lane"]').trigger('click');
  await nextTick();
  expect(stage.findAll('[data-testid="open-lane"]')).toHaveLength(1);
  expect(stage.find('[data-testid="lane-sse-9"] [data-testid="headroom"]').exists()).toBe(true);
  await stage.find('[data-testid="lane-sse-9"] [data-testid="fold"]').trigger('click');
  expect(stage.findAll('[data-testid="open-lane"]')).toHaveLength(2);
});
