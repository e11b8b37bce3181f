import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineApi } from '../../../../src/shared/api.ts';
import { targetProblems } from '../../../../src/shared/target-check.ts';
import TargetForm from '../../../../src/renderer/features/run/TargetForm.vue';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { INFO } from '../../demo/demo-engine.ts';
import { snapshot } from '../../helpers.ts';

const restartRun = vi.fn(async () => {});
const saveEndpoint = vi.fn(async () => {});

function form(): ReturnType<typeof mount> {
  const live = useLive();
  live.takeSnapshot(snapshot());
  live.info = INFO;
  live.api = {
    endpoints: async () => [],
    checkTarget: async (t) => targetProblems(t, INFO.dialects),
    restartRun,
    saveEndpoint,
  } as Partial<EngineApi> as EngineApi;
  return mount(TargetForm);
}

beforeEach(() => {
  setActivePinia(createPinia());
  localStorage.clear();
  vi.clearAllMocks();
});

const by = (id: string): string => `[data-testid="${id}"]`;

describe('the target form', () => {
  it('says in place what is wrong, and starts nothing', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-name')).setValue('staging');
    await page.find(by('target-base')).setValue('127.0.0.1:9080');
    await page.find(by('target-channel')).setValue('demo');
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(page.find(by('problem-base')).text()).toContain('http://127.0.0.1:9080');
    expect(page.find(by('target-base')).attributes('aria-invalid')).toBe('true');
    expect(page.find(by('target-name')).attributes('aria-invalid')).toBe('false');
    expect(restartRun).not.toHaveBeenCalled();
  });

  it('takes the channel that an empty field shows', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    const shown = page.find(by('target-channel')).attributes('placeholder');
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(restartRun).toHaveBeenCalledOnce();
    expect(restartRun).toHaveBeenCalledWith(
      expect.objectContaining({ target: expect.objectContaining({ channel: shown }) }),
    );
  });

  it('reads headers line by line and names the one that is none', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-headers')).setValue('Authorization: Bearer a:b\nnonsense');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    expect(page.find(by('problem-headers')).text()).toContain('Line 2');
  });

  it('starts a run on what was given: a URL for two methods makes two lanes', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-name')).setValue('mine');
    await page.find(by('target-by-urls')).trigger('click');
    await page.find(by('target-url-sse')).setValue('http://127.0.0.1:9000/stream');
    await page.find(by('target-url-websocket')).setValue('ws://127.0.0.1:9000/ws');
    await page.find(by('target-headers')).setValue('X-Key: 1');
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(restartRun).toHaveBeenCalledWith(
      expect.objectContaining({
        lanes: [{ method: 'sse' }, { method: 'websocket' }],
        target: expect.objectContaining({ name: 'mine', base: null, headers: { 'X-Key': '1' } }),
      }),
    );
    expect(saveEndpoint).toHaveBeenCalled();
    expect(page.emitted('done')).toHaveLength(1);
  });

  it('checks in place: what is wrong, then that it looks right; its name is the host unless it was given one', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('127.0.0.1:9080');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    expect(page.find(by('target-verdict')).text()).toMatch(/problem/);
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    expect(page.find(by('target-verdict')).exists()).toBe(false);
    await page.find(by('target-channel')).setValue('demo');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    expect(page.find(by('target-verdict')).text()).toBe('Looks right');
    expect(restartRun).not.toHaveBeenCalled();
    expect(page.find(by('target-name')).attributes('placeholder')).toBe('127.0.0.1:9080');
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(restartRun).toHaveBeenCalledWith(
      expect.objectContaining({ target: expect.objectContaining({ name: '127.0.0.1:9080' }) }),
    );
  });

  it('remembers what was typed, but never the headers: they may be secrets', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    await page.find(by('target-headers')).setValue('Authorization: Bearer secret');
    await page.find('form').trigger('submit');
    await flushPromises();
    const kept = Object.keys(localStorage)
      .map((key) => localStorage.getItem(key))
      .join();
    expect(kept).toContain('9080');
    expect(kept).not.toContain('secret');
  });
});
