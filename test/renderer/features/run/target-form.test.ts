import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineApi } from '../../../../src/shared/api.ts';
import { Failure } from '../../../../src/shared/failure.ts';
import type { MethodProbe, ProbeStep, ProbeStepName, TargetProbe } from '../../../../src/shared/target-probe.ts';
import type { RemoteTarget } from '../../../../src/shared/target.ts';
import { targetProblems } from '../../../../src/shared/target-check.ts';
import TargetForm from '../../../../src/renderer/features/run/TargetForm.vue';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { INFO } from '../../demo/demo-engine.ts';
import { snapshot } from '../../helpers.ts';

const restartRun = vi.fn(async () => {});
const saveEndpoint = vi.fn(async () => {});

const ok = (name: ProbeStepName, text: string): ProbeStep => ({ name, outcome: 'ok', took: 2, text });
const sse = (steps: ProbeStep[], suggestedDialect: string | null = null): MethodProbe => ({
  method: 'sse',
  url: 'http://127.0.0.1:9080/events/demo',
  steps,
  suggestedDialect,
});
const probeOf = (version: number, done: boolean, ...methods: MethodProbe[]): TargetProbe => ({
  id: 'check-1',
  version,
  done,
  methods,
});
const working = probeOf(9, true, sse([ok('name', 'It is an address.'), ok('head', '200, text/event-stream.')]));
const probeTarget = vi.fn(async (_target: RemoteTarget) => working);
const probeProgress = vi.fn(async (_order: { id: string; version: number }) => working);

function form(): ReturnType<typeof mount> {
  const live = useLive();
  live.takeSnapshot(snapshot());
  live.info = INFO;
  live.api = {
    endpoints: async () => [],
    checkTarget: async (t) => targetProblems(t, INFO.dialects),
    probeTarget,
    probeProgress,
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

  it('checks in place: what is wrong with the form, then by asking the target; its name is the host unless it was given one', async () => {
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('127.0.0.1:9080');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    expect(page.find(by('target-verdict')).text()).toMatch(/problem/);
    expect(probeTarget).not.toHaveBeenCalled();
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    expect(page.find(by('target-verdict')).exists()).toBe(false);
    await page.find(by('target-channel')).setValue('demo');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    expect(page.find(by('target-verdict')).text()).toBe('It works');
    expect(page.find(by('probe-sse')).attributes('open')).toBeUndefined();
    expect(probeTarget).toHaveBeenCalledWith(expect.objectContaining({ base: 'http://127.0.0.1:9080' }));
    expect(restartRun).not.toHaveBeenCalled();
    expect(page.find(by('target-name')).attributes('placeholder')).toBe('127.0.0.1:9080');
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(restartRun).toHaveBeenCalledWith(
      expect.objectContaining({ target: expect.objectContaining({ name: '127.0.0.1:9080' }) }),
    );
  });

  it('shows each step as it is taken: what it saw, its time and the way out', async () => {
    const name = ok('name', 'It is an address.');
    const address: ProbeStep = { name: 'address', outcome: 'running', took: null, text: '' };
    const [head, bytes]: ProbeStep[] = [
      { name: 'head', outcome: 'pending', took: null, text: '' },
      { name: 'bytes', outcome: 'pending', took: null, text: '' },
    ];
    const refused: ProbeStep = { name: 'address', outcome: 'failed', took: 3, text: 'Refused.', hint: 'Start it.' };
    const unreached = [head!, bytes!].map((s): ProbeStep => ({ ...s, outcome: 'not-reached' }));
    const next = Promise.withResolvers<TargetProbe>();
    probeTarget.mockResolvedValueOnce(probeOf(1, false, sse([name, address, head!, bytes!])));
    probeProgress.mockReturnValueOnce(next.promise);
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    const step = (of: string) => page.find(by('probe-sse')).find(by(`probe-step-${of}`));
    expect(step('name').text()).toContain('It is an address. 2 ms');
    expect(step('address').attributes('data-outcome')).toBe('running');
    expect(step('head').exists()).toBe(false);
    expect(page.find(by('target-verdict')).text()).toBe('Checking …');
    expect(page.find(by('target-check')).attributes('disabled')).toBeDefined();
    expect(probeProgress).toHaveBeenCalledWith({ id: 'check-1', version: 1 });
    next.resolve(probeOf(2, true, sse([name, refused, ...unreached])));
    await flushPromises();
    expect(step('address').text()).toContain('Refused. Start it.');
    expect(step('address').text()).toContain('3 ms');
    expect(step('address').find('[role="img"]').attributes('aria-label')).toBe('failed');
    expect(page.find(by('probe-unreached')).text()).toBe('Not reached: response, first bytes.');
    expect(page.find(by('probe-verdict')).text()).toBe('failed');
    expect(page.find(by('probe-sse')).attributes('open')).toBeDefined();
    expect(page.find(by('target-verdict')).text()).toBe('1 of 1 method failed');
    await page.find(by('target-channel')).setValue('other');
    expect(page.find(by('probe')).exists()).toBe(false);
  });

  it('offers the dialect that fits better', async () => {
    const unfit: ProbeStep = { name: 'dialect', outcome: 'failed', took: 1, text: 'No.', hint: 'It fits nchan.' };
    probeTarget.mockResolvedValueOnce(probeOf(1, true, sse([unfit], 'nchan')));
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    await page.find(by('probe-use-dialect')).trigger('click');
    expect(page.find<HTMLSelectElement>(by('target-dialect')).element.value).toBe('nchan');
    expect(page.find(by('probe')).exists()).toBe(false);
  });

  it('a check that cannot go on says why', async () => {
    probeTarget.mockRejectedValueOnce(new Failure({ code: 'too-many-checks', message: 'Others run.', hint: 'Wait.' }));
    const page = form();
    await page.find(by('target-add')).trigger('click');
    await page.find(by('target-base')).setValue('http://127.0.0.1:9080');
    await page.find(by('target-check')).trigger('click');
    await flushPromises();
    expect(page.text()).toContain('Others run.');
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
