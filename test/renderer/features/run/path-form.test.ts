import { type PathSpec } from '../../../../src/shared/path/spec.ts';
import { resolveVia } from '../../../../src/shared/path/resolve.ts';
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineApi } from '../../../../src/shared/api.ts';
import PathForm from '../../../../src/renderer/features/run/PathForm.vue';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { INFO } from '../../demo/demo-engine.ts';
import { snapshot } from '../../helpers.ts';

const setPath = vi.fn(async (_: { path: PathSpec }) => {});
const by = (id: string): string => `[data-testid="${id}"]`;
const preset = INFO.presets[1]!;

function form(): ReturnType<typeof mount> {
  const live = useLive();
  live.takeSnapshot(snapshot());
  live.info = INFO;
  live.api = { setPath } as Partial<EngineApi> as EngineApi;
  return mount(PathForm, { attachTo: document.body });
}

beforeEach(() => {
  setActivePinia(createPinia());
  document.body.replaceChildren();
  vi.clearAllMocks();
});

describe('the path form', () => {
  it('shows a preset that is clicked, and lays it only when told to', async () => {
    const page = form();
    await page.find(by(`preset-${preset.id}`)).trigger('click');
    await flushPromises();
    expect(page.find(by('preset-what')).text()).toContain(preset.what);
    expect(page.find(by('path-preview')).exists()).toBe(true);
    expect(setPath).not.toHaveBeenCalled();
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(setPath).toHaveBeenCalledWith({ path: resolveVia([preset.id]) });
    expect(page.emitted('done')).toHaveLength(1);
  });

  it('lays it on a double click', async () => {
    const page = form();
    await page.find(by(`preset-${preset.id}`)).trigger('click');
    await page.find(by(`preset-${preset.id}`)).trigger('dblclick');
    await flushPromises();
    expect(setPath).toHaveBeenCalledWith({ path: resolveVia([preset.id]) });
  });

  it('is worked by keys alone: search, arrow, Enter to look, Enter to use', async () => {
    const page = form();
    const search = page.find(by('path-search'));
    await search.setValue(preset.label);
    await search.trigger('keydown', { key: 'ArrowDown' });
    expect(search.attributes('aria-activedescendant')).toBe(`path-${preset.id}`);
    await search.trigger('keydown', { key: 'Enter' });
    await flushPromises();
    expect(page.find(by('preset-what')).text()).toContain(preset.label);
    expect(setPath).not.toHaveBeenCalled();
    await search.trigger('keydown', { key: 'Enter' });
    await flushPromises();
    expect(setPath).toHaveBeenCalledWith({ path: resolveVia([preset.id]) });
  });
});
