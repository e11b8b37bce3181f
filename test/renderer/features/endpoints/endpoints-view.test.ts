import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import EndpointsView from '../../../../src/renderer/features/endpoints/EndpointsView.vue';
import { useEndpoints } from '../../../../src/renderer/features/endpoints/endpoints.ts';
import { jsonLines, useSample, valueAt } from '../../../../src/renderer/features/endpoints/sample.ts';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import type { EngineApi } from '../../../../src/shared/api.ts';
import { Failure } from '../../../../src/shared/failure.ts';
import { targetProblems } from '../../../../src/shared/target-check.ts';
import { demoBook, demoEndpoints } from '../../demo/demo-endpoints.ts';
import { INFO as DEMO } from '../../demo/demo-engine.ts';
import { snapshot } from '../../helpers.ts';

const by = (id: string): string => `[data-testid="${id}"]`;
const INFO = { ...DEMO, dialects: [...DEMO.dialects, { name: 'plain', label: 'Plain', methods: [] }] };
const restartRun = vi.fn(async () => {});
let page: VueWrapper;

async function view(more: Partial<EngineApi> = {}, book = demoBook()) {
  const live = useLive();
  live.takeSnapshot(snapshot());
  live.info = INFO;
  const engine = demoEndpoints(book);
  live.api = {
    ...engine,
    checkTarget: async (t) => targetProblems(t, INFO.dialects),
    deleteEndpoint: async ({ name }) => void (book.endpoints = book.endpoints.filter((one) => one.target.name !== name)),
    restartRun,
    ...more,
  } as Partial<EngineApi> as EngineApi; // cast: the calls that this view makes
  page = mount(EndpointsView, { attachTo: document.body });
  await flushPromises();
  return engine;
} // prettier-ignore

beforeEach(() => {
  setActivePinia(createPinia());
  vi.clearAllMocks();
});
afterEach(() => page.unmount());

describe('the Endpoints view', () => {
  it('lists by folder, finds, and opens one with its secret locked', async () => {
    await view();
    expect(page.text()).toContain('Storefront');
    await page.find(by('endpoints-search')).setValue('build');
    expect(page.findAll('.ep').map((one) => one.find('b').text())).toEqual(['Build log']);
    await page.find(by('endpoints-search')).setValue('');
    await page.find(by('endpoint-tab-auth')).trigger('click');
    expect(page.find('.lockchip').text()).toContain('kept locked');
    expect(page.find(by('endpoint-resolved')).text()).toBe('https://api.shop.example/orders/stream');
  });

  it('says in place what is wrong, loses nothing, and saves when it is mended', async () => {
    const { book } = await view();
    await page.find(by('endpoint-new')).trigger('click');
    await page.find(by('endpoint-url')).setValue('shop.example/stream');
    await page.find(by('endpoint-save')).trigger('click');
    await flushPromises();
    expect(page.find(by('endpoint-url-problem')).text()).toContain('http://shop.example/stream');
    expect(page.find<HTMLInputElement>(by('endpoint-url')).element.value).toBe('shop.example/stream');
    await page.find(by('endpoint-url')).setValue('https://shop.example/stream');
    await page.find(by('endpoint-save')).trigger('click');
    await flushPromises();
    expect(book.endpoints.at(-1)!.target.urls).toEqual({ sse: 'https://shop.example/stream' });
    expect(page.find(by('endpoint-state')).text()).toBe('saved');
  });

  it('a store that is locked is said where one saves, and what was typed stays', async () => {
    const locked = new Failure({ code: 'secrets-locked', message: 'The secrets are locked.', hint: 'Unlock them.' });
    await view({ keepEndpoint: () => Promise.reject(locked) });
    await page.find(by('endpoint-name')).setValue('Renamed');
    await page.find(by('endpoint-save')).trigger('click');
    await flushPromises();
    expect(page.find(by('endpoint-failed')).text()).toContain('The secrets are locked. Unlock them.');
    expect(page.find(by('endpoint-state')).text()).toContain('not saved');
    expect(page.find<HTMLInputElement>(by('endpoint-name')).element.value).toBe('Renamed');
  });

  it('insecure is loud in list, head and tab', async () => {
    await view();
    await page.find(by('endpoint-tab-tls')).trigger('click');
    await page.find(by('tls-insecure')).trigger('click');
    expect(page.find(by('endpoint-insecure')).text()).toContain('Insecure');
    expect(page.find(by('tls-insecure-words')).text()).toContain('Every lane says so');
    await page.find(by('endpoint-save')).trigger('click');
    await flushPromises();
    expect(page.find('.elist .insecure').exists()).toBe(true);
  });

  it('shows what a pasted curl means, what is left out, and which part it does not understand', async () => {
    await view();
    await page.find(by('endpoint-import')).trigger('click');
    await flushPromises();
    const area = document.querySelector<HTMLTextAreaElement>(by('import-text'))!;
    const type = async (text: string): Promise<void> => {
      area.value = text;
      area.dispatchEvent(new Event('input'));
      await flushPromises();
    };
    await type(`curl 'https://a.example/s?x=1' -H 'Accept: text/event-stream' -H 'Authorization: Bearer planted-S3CR3T' -m 30`);
    const understood = document.querySelector(by('import-understood'))!.textContent;
    expect(understood).toContain('GET, SSE by its Accept');
    expect(understood).not.toContain('planted');
    expect(document.querySelector(by('import-left'))!.textContent).toContain('-m 30');
    await type('curl --frob https://a.example');
    expect(document.querySelector(by('import-problem'))!.textContent).toContain('--frob');
    await type('curl wss://a.example/ws');
    document.querySelector<HTMLButtonElement>(by('import-edit'))!.click();
    await flushPromises();
    expect(page.find<HTMLInputElement>(by('endpoint-url')).element.value).toBe('wss://a.example/ws');
  });

  it('a command is shown and inert in a browser', async () => {
    await view();
    await page.find(by('endpoint-tab-auth')).trigger('click');
    await page.find(by('auth-token-command')).trigger('click');
    expect(page.find(by('auth-command')).attributes('readonly')).toBeDefined();
    expect(page.find(by('auth-inert')).text()).toContain('neither set nor start a command');
    expect(page.find(by('auth-confirm')).exists()).toBe(false);
  });

  it('opens in Live what is kept', async () => {
    await view();
    await page.find(by('endpoint-live')).trigger('click');
    await flushPromises();
    expect(restartRun).toHaveBeenCalledWith(expect.objectContaining({ lanes: [{ method: 'sse' }], timeScale: 1 }));
  });

  it('with nothing kept it teaches the ways in', async () => {
    await view({}, { ...demoBook(), endpoints: [] });
    expect(page.text()).toContain('No endpoint is kept yet');
    await page.find(by('empty-paste')).trigger('click');
    expect(useEndpoints().dialog).toBe('import');
  });

  it('a field of a message that is clicked becomes what one says it is', async () => {
    const data = JSON.stringify({ seq: 8812, order: { 'a/b': 'x' } });
    const message = { number: 1, at: 5, kind: 'event' as const, id: null, cursor: null, event: 'message', bytes: 9, data };
    const sample = { id: 's', method: 'sse' as const, version: 1, state: 'open' as const, since: 0, now: 9, said: [], messages: [message], count: 1, done: false };
    await view({ listenTo: async () => sample });
    await page.find(by('sample-listen')).trigger('click');
    await flushPromises();
    await page.find(by('field-/seq')).trigger('click');
    await page.find(by('assign-id')).trigger('click');
    expect(page.find(by('stream-id')).text()).toMatch(/\/seq.*8812.*1 of 1, your word/);
    expect(page.find(by('stream-dialect')).text()).toContain('id: /seq');
    useSample().said = { ...useSample().said, time: { pointer: '/nowhere', value: '' } };
    await flushPromises();
    expect(page.find(by('stream-time')).text()).toContain('finds nothing in: {"seq":8812');
  });
}); // prettier-ignore

it('pointers name the fields of a message', () => {
  const data = '{"a":[{"b/c":1}],"s":"x"}';
  const pointers = jsonLines(data)!.flatMap(({ pointer }) => pointer ?? []);
  expect(pointers).toEqual(['/a/0/b~1c', '/s']);
  expect(pointers.map((pointer) => valueAt(data, pointer))).toEqual(['1', 'x']);
  expect(jsonLines('no json')).toBeNull();
});
