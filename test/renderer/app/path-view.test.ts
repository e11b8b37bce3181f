import { latency } from '../../../src/shared/path/faults/latency.ts';
import { stepsOf, type PathSpec } from '../../../src/shared/path/spec.ts';
import { describePath, spellPath } from '../../../src/shared/path/describe.ts';
import { enableAutoUnmount, flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useLive } from '../../../src/renderer/stores/live.ts';
import { usePathEditor } from '../../../src/renderer/features/path/path-editor.ts';
import PathView from '../../../src/renderer/app/PathView.vue';
import type { EngineApi, EngineInfo, SavedPath } from '../../../src/shared/api.ts';
import { Failure } from '../../../src/shared/failure.ts';
import { FAULTS, PRESETS, resolveVia } from '../engine-paths.mjs';
import { demoConfig, INFO } from '../demo/demo-engine.ts';
import { snapshot } from '../helpers.ts';

const info: EngineInfo = {
  ...INFO,
  faults: FAULTS,
  presets: Object.values(PRESETS),
};
let kept: SavedPath[] = [];
const setPath = vi.fn(async (_: { path: PathSpec }) => {});
const cutAll = vi.fn(async () => {});
const restartRun = vi.fn(async () => {});
const savePath = vi.fn(async ({ name, path }: { name: string; path: PathSpec }) => {
  if (name in PRESETS) throw new Failure({ code: 'bad-name', message: 'That one is taken.', hint: 'Another.' });
  kept = [{ name, via: spellPath(path) }, ...kept.filter((k) => k.name !== name)];
});
const api = {
  setPath,
  restartRun,
  cutAll,
  savePath,
  savedPaths: async () => [...kept],
  deletePath: async ({ name }: { name: string }) => void (kept = kept.filter((k) => k.name !== name)),
} as Partial<EngineApi> as EngineApi;

async function view(via: string[] = [], remote = false): Promise<VueWrapper> {
  const live = useLive();
  const config = { ...demoConfig(), path: resolveVia(via) };
  if (remote) {
    config.target = {
      kind: 'remote',
      name: 'x',
      base: 'http://x',
      urls: {},
      channel: 'a',
      headers: {},
      dialect: 'plain',
    };
  }
  live.takeSnapshot(snapshot({ config }));
  live.info = info;
  live.api = api;
  const page = mount(PathView);
  await flushPromises();
  return page;
}

// a page that is left over asks its engine when its typing rests, in the middle of another test
enableAutoUnmount(afterEach);
beforeEach(() => {
  setActivePinia(createPinia());
  localStorage.clear();
  vi.clearAllMocks();
  kept = [];
});

const by = (id: string): string => `[data-testid="${id}"]`;
const viaOf = (page: VueWrapper): string => page.find(by('via-text')).text();
const cards = (page: VueWrapper): string[] =>
  page.findAll('[data-testid^="card-"]').map((c) => c.attributes('data-testid')!.slice(5));
const pick = (page: VueWrapper, key: string): Promise<void> => page.find(by(`entry-${key}`)).trigger('click');
const setLimit = async (page: VueWrapper, fault: string, value: string): Promise<void> => {
  await page.find(`${by(`fault-${fault}`)} input`).setValue(value);
};

describe('the list of paths', () => {
  it('shows every path in its group, and finds by words', async () => {
    const page = await view();
    expect(page.findAll('[role="option"]')).toHaveLength(info.presets.length);
    await page.find(by('paths-search')).setValue('gzip event');
    const found = page.findAll('[role="option"]').map((o) => o.text());
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(6);
    await page.find(by('paths-search')).setValue('zzz');
    expect(page.text()).toContain('No path is called “zzz”');
  });

  it('is walked with the arrow keys, and Enter uses what is chosen', async () => {
    const page = await view();
    expect(page.find('[aria-selected="true"]').text()).toContain('Direct');
    await page.find(by('paths')).trigger('keydown', { key: 'ArrowDown' });
    expect(page.find(by('path-title')).text()).toBe('Impatient proxy');
    await page.find(by('paths')).trigger('keydown', { key: 'Enter' });
    await flushPromises();
    expect(setPath).toHaveBeenCalledWith({ path: resolveVia(['impatient-proxy']) });
  });

  it('opens what the run uses, changes and all', async () => {
    const page = await view(['nginx-tuned:http-idle-timeout=10s']);
    expect(page.find(by('path-title')).text()).toBe('nginx, set up for streams');
    expect(page.find(by('path-from')).text()).toBe('Idle limit 1m → 10s');
    expect(page.find(by('path-in-use')).exists()).toBe(true);
    expect(page.find(by('outcome-sse')).text()).toContain('A comment every 5 s');
  });

  it('shows a path that was put together by hand as the one in use', async () => {
    const page = await view(['latency:delay=5ms', 'idle-timeout:after=3s']);
    expect(page.find(by('entry-used')).text()).toContain('3 s');
    expect(cards(page)).toEqual(['latency', 'idle-timeout']);
    expect(page.find(by('path-in-use')).exists()).toBe(true);
  });
});

describe('the chosen path', () => {
  it('tells its kind, its words, its source and its outcomes', async () => {
    const page = await view();
    await pick(page, 'preset:aws-alb');
    expect(page.find('.badge').text()).toBe('documented');
    expect(page.find(by('path-what')).text()).toBe(PRESETS['aws-alb']!.what);
    expect(page.find(by('path-source')).text()).toContain('docs.aws.amazon.com');
    expect(page.find(by('path-source')).find('a').exists()).toBe(false);
    expect(page.find(by('path-facts')).text()).toMatch(/Timer against its limit:\s*unknown.*Assumed:/s);
    expect(page.find(by('outcome-long-polling')).text()).toContain('504');
    expect(page.find(by('wire')).text()).toMatch(/Client.*Idle limit 60 s, 504.*Server/);
  });

  it('is used under the preset’s own name when only a value differs, and as faults when the steps do', async () => {
    const page = await view();
    await pick(page, 'preset:nginx-tuned');
    await setLimit(page, 'http-idle-timeout', '10s');
    expect(viaOf(page)).toBe('--via nginx-tuned:http-idle-timeout=10s');
    await page.find(by('path-use')).trigger('click');
    await flushPromises();
    expect(setPath).toHaveBeenLastCalledWith({ path: resolveVia(['nginx-tuned:http-idle-timeout=10s']) });
    await page.find(by('card-keep-alive')).find(by('remove')).trigger('click');
    expect(viaOf(page)).toBe(
      '--via http-proxy:reuse=off,pages=nginx+http-idle-timeout:after=10s,lazy=300ms+buffer:hold=none,accel=honoured+reload:every=0s,ws=none',
    );
    expect(describePath(resolveVia([viaOf(page).slice(6)])).idleLimitMs).toBe(10_000);
    await page.find(by('path-reset')).trigger('click');
    expect(viaOf(page)).toBe('--via nginx-tuned');
  });

  it('says that open connections have no HTTP layer yet, and brings them over', async () => {
    const page = await view();
    await pick(page, 'preset:impatient-proxy');
    await page.find(by('path-use')).trigger('click');
    await flushPromises();
    useLive().config = { ...useLive().config!, path: resolveVia(['impatient-proxy']) };
    await flushPromises();
    expect(page.find(by('path-old-ones')).exists()).toBe(false);
    useLive().bypassed = true;
    await pick(page, 'preset:nginx-tuned');
    await page.find(by('path-use')).trigger('click');
    await flushPromises();
    useLive().config = { ...useLive().config!, path: resolveVia(['nginx-tuned']) };
    await flushPromises();
    await page.find(by('path-bring-over')).trigger('click');
    expect(cutAll).toHaveBeenCalledWith({ end: 'fin' });
  });

  it('cannot be used while a value is wrong, and says so at the value', async () => {
    const page = await view();
    await pick(page, 'preset:impatient-proxy');
    await setLimit(page, 'idle-timeout', '10x');
    expect(page.find(by('fault-idle-timeout')).find('.problem').text()).toContain('"10x" is not a duration');
    expect(page.find(by('path-use')).attributes('disabled')).toBeDefined();
    expect(page.find(by('outcome-sse')).text()).toContain('Unknown');
    await setLimit(page, 'idle-timeout', '20s');
    expect(page.find(by('path-use')).attributes('disabled')).toBeUndefined();
  });

  it('spells every preset so that the engine reads the same path', async () => {
    await view();
    const desk = usePathEditor();
    const read = (via: string) => stepsOf(resolveVia([via]));
    for (const entry of desk.entries) {
      desk.choose(entry);
      expect(desk.changed, entry.key).toBe(false);
      expect(desk.steps, entry.key).toEqual(read(entry.via));
      desk.add(latency);
      expect(read(desk.via!), entry.key).toEqual(desk.steps);
    }
  });
});

describe('the stack', () => {
  it('takes a fault, moves it with the keys, and gives it back', async () => {
    const page = await view();
    await pick(page, 'preset:impatient-proxy');
    await page.find(by('stack-add')).setValue('latency');
    expect(cards(page)).toEqual(['idle-timeout', 'latency']);
    expect(page.find(by('fault-latency')).exists()).toBe(true);
    await page.findAll(by('grip'))[1]!.trigger('keydown', { key: 'ArrowUp' });
    expect(cards(page)).toEqual(['latency', 'idle-timeout']);
    expect(page.find('.pstack [role="status"]').text()).toBe('Latency is 1 of 2');
    await page.findAll(by('grip'))[0]!.trigger('keydown', { key: 'ArrowUp' });
    expect(cards(page)).toEqual(['latency', 'idle-timeout']);
    await page.find(by('card-latency')).find(by('remove')).trigger('click');
    expect(viaOf(page)).toBe('--via impatient-proxy');
  });

  it('is dragged by the grip', async () => {
    const page = await view(['latency:delay=5ms+slice:+idle-timeout:after=3s']);
    const slots = page.findAll('.slot');
    await slots[0]!.find(by('grip')).trigger('pointerdown');
    await slots[0]!.trigger('dragstart');
    await slots[2]!.trigger('dragover');
    await slots[2]!.trigger('drop');
    expect(cards(page)).toEqual(['slice', 'idle-timeout', 'latency']);
  });

  it('shows what is usual only when asked', async () => {
    const page = await view(['nginx-tuned']);
    const card = page.find(by('card-http-idle-timeout'));
    const few = card.findAll('.row').length;
    expect(few).toBeLessThan(4);
    await card.find('.more').trigger('click');
    expect(card.findAll('.row')).toHaveLength(
      Object.keys(FAULTS.find((f) => f.id === 'http-idle-timeout')!.params).length,
    );
  });
});

describe('paths of one’s own', () => {
  it('are saved under a name, stand in a group of their own, and are changed and deleted', async () => {
    const page = await view();
    await pick(page, 'preset:impatient-proxy');
    await setLimit(page, 'idle-timeout', '7s');
    await page.find(by('path-duplicate')).trigger('click');
    await page.find(by('path-name')).setValue('Office');
    await page.find('.head form').trigger('submit');
    await flushPromises();
    expect(savePath).toHaveBeenCalledWith({ name: 'Office', path: resolveVia(['impatient-proxy:idle-timeout=7s']) });
    expect(page.find('[role="group"]').attributes('aria-label')).toBe('Yours');
    expect(page.find(by('entry-own:Office')).text()).toContain('7 s');
    expect(page.find(by('path-title')).text()).toBe('Office');

    await setLimit(page, 'idle-timeout', '8s');
    await page.find(by('path-overwrite')).trigger('click');
    await flushPromises();
    expect(kept).toEqual([{ name: 'Office', via: ['idle-timeout:after=8s'] }]);

    await page.find(by('path-delete')).trigger('click');
    await flushPromises();
    expect(page.find(by('entry-own:Office')).exists()).toBe(false);
    expect(page.find(by('path-title')).text()).toBe('Direct');
  });

  it('keep what was typed when they cannot be saved, and say why', async () => {
    const page = await view();
    await page.find(by('path-duplicate')).trigger('click');
    await page.find(by('path-name')).setValue('haproxy');
    await page.find('.head form').trigger('submit');
    await flushPromises();
    expect(page.find(by('path-failure')).text()).toBe('That one is taken. Another.');
    expect((page.find(by('path-name')).element as HTMLInputElement).value).toBe('haproxy');
  });
});

describe('the time scale', () => {
  it('starts a new run, and says so beforehand', async () => {
    const page = await view();
    expect(page.find('.scale').text()).toContain('starts a new run');
    await page.find(by('scale-10')).trigger('click');
    expect(restartRun).toHaveBeenCalledWith({ timeScale: 10 });
  });

  it('is not for a server that keeps its own time', async () => {
    const page = await view([], true);
    expect(page.find(by('scale-10')).attributes('disabled')).toBeDefined();
    expect(page.find('.scale').text()).toContain('Only for the embedded server');
  });
});
