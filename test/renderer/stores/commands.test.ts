import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { defineComponent, h } from 'vue';
import type { EngineApi } from '../../../src/shared/api.ts';
import { useCommands } from '../../../src/renderer/stores/commands.ts';
import { useShortcuts } from '../../../src/renderer/app/shortcuts.ts';
import { useLive } from '../../../src/renderer/stores/live.ts';
import { useSettings } from '../../../src/renderer/stores/settings.ts';
import { useUi } from '../../../src/renderer/stores/ui.ts';
import { demoConfig } from '../demo/demo-engine.ts';
import { snapshot } from '../helpers.ts';

const api = {
  sleep: vi.fn(async () => {}),
  cutAll: vi.fn(async () => {}),
  setOffline: vi.fn(async () => {}),
  restartServer: vi.fn(async () => {}),
  setPongs: vi.fn(async () => {}),
};

const Keys = defineComponent({
  setup() {
    useShortcuts(useCommands());
    return () => h('div', [h('input'), h('button')]);
  },
});

const press = (key: string, on: Element = document.body, more: KeyboardEventInit = {}): void =>
  void on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));

let page: ReturnType<typeof mount>;

beforeEach(() => {
  page?.unmount();
  localStorage.clear();
  vi.clearAllMocks();
  setActivePinia(createPinia());
  const live = useLive();
  live.takeSnapshot(snapshot());
  live.api = api as Partial<EngineApi> as EngineApi;
  page = mount(Keys, { attachTo: document.body });
});

describe('keys', () => {
  it('do what the action bar says', async () => {
    press('s');
    press('x');
    press('o');
    press('r');
    press('m');
    await flushPromises();
    expect(api.sleep).toHaveBeenCalledWith({ ms: 10_000, timers: 'fire' });
    expect(api.cutAll).toHaveBeenCalledWith({ end: 'rst' });
    expect(api.setOffline).toHaveBeenCalledWith({ offline: true });
    expect(api.restartServer).toHaveBeenCalled();
    expect(api.setPongs).toHaveBeenCalledWith({ on: false });
  });

  it('leave those who type alone, and modifiers to the browser', () => {
    press('x', page.find('input').element);
    press('r', document.body, { ctrlKey: true });
    press('s', document.body, { altKey: true });
    expect(api.cutAll).not.toHaveBeenCalled();
    expect(api.restartServer).not.toHaveBeenCalled();
    expect(api.sleep).not.toHaveBeenCalled();
  });

  it('freeze the view by space, but not while space presses a button', () => {
    const live = useLive();
    press(' ', page.find('button').element);
    expect(live.frozenAt).toBeNull();
    press(' ');
    expect(live.frozenAt).not.toBeNull();
    press(' ');
    expect(live.frozenAt).toBeNull();
  });

  it('open the palette', () => {
    press('k', document.body, { ctrlKey: true });
    expect(useUi().opened).toBe('palette');
    press('x');
    expect(api.cutAll).not.toHaveBeenCalled();
  });

  it('put the coach away at the first thing tried', () => {
    expect(useSettings().coached).toBe(false);
    press('x');
    expect(useSettings().coached).toBe(true);
  });

  it('cannot restart a server that is not ours', () => {
    const live = useLive();
    live.takeSnapshot(
      snapshot({
        config: {
          ...demoConfig(),
          target: {
            kind: 'remote',
            name: 'r',
            base: 'http://h',
            urls: {},
            channel: 'c',
            headers: {},
            dialect: 'nchan',
          },
        },
      }),
    );
    press('r');
    expect(api.restartServer).not.toHaveBeenCalled();
  });

  it('do nothing to an engine that is lost', () => {
    useLive().link = 'lost';
    press('x');
    expect(api.cutAll).not.toHaveBeenCalled();
  });
});
