import { enableAutoUnmount, flushPromises, mount, type DOMWrapper, type VueWrapper } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineComponent, h } from 'vue';
import ScenarioList from '../../../../src/renderer/features/storyboard/ScenarioList.vue';
import ScenarioStatus from '../../../../src/renderer/features/storyboard/ScenarioStatus.vue';
import StoryboardEditor from '../../../../src/renderer/features/storyboard/StoryboardEditor.vue';
import { useLive } from '../../../../src/renderer/stores/live.ts';
import { useStoryboard } from '../../../../src/renderer/features/storyboard/storyboard.ts';
import { useUi } from '../../../../src/renderer/stores/ui.ts';
import type { EngineApi, ScenarioPlay } from '../../../../src/shared/api.ts';
import { INFO } from '../../demo/demo-engine.ts';
import { demoScenarios } from '../../demo/demo-scenarios.ts';
import { snapshot, START, teller } from '../../helpers.ts';

const TEXT = `name: Lift
timeScale: 10
lanes:
  - method: sse
  - method: websocket
schedule:
  # between two floors
  - { at: 10s, do: offline, for: 5s }
  - { at: 20s, do: cut }
  - { at: 30s, do: fault, via: latency, for: 10s } # slow
duration: 60s
expect:
  - missed == 0
  - sse: drops == 0
`;

const Both = defineComponent({ setup: () => () => [h(ScenarioList), h(StoryboardEditor), h(ScenarioStatus)] });
let plays: ScenarioPlay[] = [];
let api: EngineApi;

/** The editor with this text open. */
async function editor(text = TEXT): Promise<VueWrapper> {
  const live = useLive();
  live.takeSnapshot(snapshot());
  live.info = INFO;
  live.api = api;
  const board = useStoryboard();
  if (text !== '') board.openDraft(text);
  const page = mount(Both, { attachTo: document.body });
  await settled();
  return page;
}
/** The hand has rested, and the engine has answered. */
async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(300);
  await flushPromises();
}

enableAutoUnmount(afterEach);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  setActivePinia(createPinia());
  localStorage.clear();
  // wide enough for the checks to stand beside the form
  (window as unknown as { happyDOM: { setViewport(v: { width: number }): void } }).happyDOM.setViewport({
    width: 1440,
  });
  plays = [];
  api = demoScenarios({
    now: () => START,
    after: () => {},
    renew: (play) => {
      plays.push(play);
      useLive().takeSnapshot(snapshot({ scenario: play, runStartedAt: START + plays.length }));
    },
    say: () => {},
  }) as EngineApi;
});
afterEach(() => vi.useRealTimers());

const by = (id: string): string => `[data-testid="${id}"]`;
const item = (page: VueWrapper, key: string): DOMWrapper<Element> => page.find(by(`item-${key}`));
const key = (page: VueWrapper, on: string, key: string, more: KeyboardEventInit = {}): Promise<void> =>
  item(page, on).trigger('keydown', { key, ...more });
const text = (): string => useStoryboard().text;
/** Presses at 100, moves to 100 + dx, lets go. */
async function drag(target: DOMWrapper<Element>, dx: number, more: PointerEventInit = {}): Promise<void> {
  await target.trigger('pointerdown', { clientX: 100, clientY: 10, button: 0, pointerId: 1, ...more });
  await target.trigger('pointermove', { clientX: 100 + dx, clientY: 10, pointerId: 1, ...more });
  await target.trigger('pointerup', { clientX: 100 + dx, clientY: 10, pointerId: 1, ...more });
}
/** Pixels of so many milliseconds while nobody has zoomed: a window that is not there is 900 wide. */
const px = (ms: number): number => (ms / (60_000 * 1.03)) * (900 - 84 - 16);

describe('the list', () => {
  it('has what comes with Heartline, and opens it', async () => {
    const page = await editor('');
    expect(page.findAll('.blist [role="option"]').map((o) => o.text())).toContain('Laptop lid');
    await page.find(by('board-shipped:laptop-lid.yaml')).trigger('click');
    expect((page.find(by('board-name')).element as HTMLInputElement).value).toBe('Laptop lid');
    expect(item(page, '1').attributes('aria-label')).toBe('Sleep 5 min from 10 s for 5 min');
    expect(page.find(by('board-save')).attributes('disabled')).toBeDefined();
  });

  it('is walked with the keys', async () => {
    const page = await editor('');
    await page.find(by('boards')).trigger('keydown', { key: 'Home' });
    expect(page.find('.blist [aria-selected="true"]').text()).toBe('Corporate proxy');
    await page.find(by('boards')).trigger('keydown', { key: 'ArrowDown' });
    expect(page.find('.blist [aria-selected="true"]').text()).toBe('Deploy');
  });

  it('begins a new one that says what to do', async () => {
    const page = await editor('');
    await page.find(by('board-new')).trigger('click');
    await settled();
    expect(page.text()).toContain('Nothing happens yet');
    expect(page.find(by('board-play')).attributes('disabled')).toBeUndefined();
  });

  it('opens a file from the disk, as it is', async () => {
    const page = await editor('');
    const input = page.find(by('board-file'));
    Object.defineProperty(input.element, 'files', { value: [{ text: async () => `# mine\n${TEXT}` }] });
    await input.trigger('change');
    await settled();
    expect(text()).toBe(`# mine\n${TEXT}`);
    expect(page.find(by('board-badge')).text()).toBe('not saved');
  });
});

describe('the timeline', () => {
  it('names each step for those who listen', async () => {
    const page = await editor();
    const names = page.findAll('[aria-label="Steps of the scenario"] [role="option"]').map((o) => o.attributes('aria-label')); // prettier-ignore
    expect(names).toEqual([
      'Direct from the beginning to the end',
      'Fault Latency from 30 s for 10 s',
      'Offline 5 s from 10 s for 5 s',
      'Cut at 20 s',
    ]);
  });

  it('moves what is dragged, on the grid, and writes it when the hand lets go', async () => {
    const page = await editor();
    const bar = item(page, '0');
    await bar.trigger('pointerdown', { clientX: 100, button: 0, pointerId: 1 });
    await bar.trigger('pointermove', { clientX: 100 + px(4870), pointerId: 1 });
    expect(page.find(by('drag-told')).text()).toBe('15 s');
    expect(text()).toBe(TEXT);
    await bar.trigger('pointerup', { clientX: 100 + px(4870), pointerId: 1 });
    expect(text()).toBe(TEXT.replace('at: 10s', 'at: 15s'));
    expect(page.find(by('drag-told')).exists()).toBe(false);
  });

  it('takes no notice of a hand that trembles, nor of one that thinks better of it', async () => {
    const page = await editor();
    await drag(item(page, '0'), 2);
    expect(text()).toBe(TEXT);
    await item(page, '0').trigger('pointerdown', { clientX: 100, button: 0, pointerId: 1 });
    await item(page, '0').trigger('pointermove', { clientX: 300, pointerId: 1 });
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    await item(page, '0').trigger('pointerup', { clientX: 300, pointerId: 1 });
    expect(text()).toBe(TEXT);
  });

  it('leaves the grid with Alt', async () => {
    const page = await editor();
    await drag(item(page, '1'), px(1234), { altKey: true });
    expect(text()).toContain('{ at: 21230ms, do: cut }');
  });

  it('draws a bar out by its edge; beyond the end it has none', async () => {
    const page = await editor();
    await drag(page.find(by('edge-2')), px(5000));
    expect(text()).toContain('via: latency, for: 15s } # slow');
    await drag(page.find(by('edge-2')), px(30_000));
    expect(text()).toContain('via: latency } # slow');
    expect(item(page, '2').attributes('aria-label')).toBe('Fault Latency from 30 s to the end');
  });

  it('draws the whole out by its end', async () => {
    const page = await editor();
    await drag(page.find(by('board-end')), px(-10_000));
    expect(text()).toContain('duration: 50s');
    await page.find(by('board-end')).trigger('keydown', { key: 'ArrowRight' });
    expect(text()).toContain('duration: 50.5s');
  });

  it('is worked by the keyboard', async () => {
    const page = await editor();
    await item(page, '0').trigger('focus');
    await key(page, '0', 'ArrowRight');
    await key(page, '0', 'ArrowRight');
    expect(text()).toContain('{ at: 11s, do: offline, for: 5s }');
    await key(page, '0', 'ArrowRight', { shiftKey: true });
    expect(text()).toContain('{ at: 11s, do: offline, for: 5.5s }');
    await key(page, '0', 'ArrowLeft', { altKey: true });
    expect(text()).toContain('{ at: 10990ms, do: offline, for: 5.5s }');
    await key(page, '0', 'ArrowDown');
    await flushPromises();
    expect(document.activeElement).toBe(item(page, '1').element);
    await key(page, '1', 'Enter');
    await flushPromises();
    expect(document.activeElement).toBe(page.find(by('field-at')).element);
    await key(page, '1', 'Delete');
    expect(text()).not.toContain('cut');
    await flushPromises();
    expect(document.activeElement?.getAttribute('role')).toBe('option');
  });

  it('takes a row of presses back at once, and does them again', async () => {
    const page = await editor();
    await item(page, '0').trigger('focus');
    await key(page, '0', 'ArrowRight');
    await key(page, '0', 'ArrowRight');
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true }));
    expect(text()).toBe(TEXT);
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Z', ctrlKey: true, shiftKey: true }));
    expect(text()).toContain('at: 11s');
    await page.find(by('board-undo')).trigger('click');
    expect(text()).toBe(TEXT);
  });
});

it('goes back from the form to the step with Escape, and takes a change back from a field that is at rest', async () => {
  const page = await editor();
  await item(page, '0').trigger('focus');
  await key(page, '0', 'Enter');
  await flushPromises();
  const field = page.find(by('field-for'));
  expect(document.activeElement).toBe(field.element);
  await field.setValue('8s');
  expect(text()).toContain('for: 8s }');
  await field.trigger('keydown', { key: 'z', ctrlKey: true });
  expect(text()).toBe(TEXT);
  await field.trigger('keydown', { key: 'Escape' });
  await flushPromises();
  expect(document.activeElement).toBe(item(page, '0').element);
});

describe('the palette', () => {
  it('lays a step at the cursor, and opens its form', async () => {
    const page = await editor();
    await page.find(by('add-fault')).trigger('click');
    await flushPromises();
    expect(text()).toContain('  - { at: 35s, do: fault, via: idle-timeout:after=10s, for: 20s }');
    expect(page.find(by('step-form')).text()).toContain('Fault');
    expect(document.activeElement).toBe(page.find(by('field-step-via')).element);
  });

  it('lays what would last beyond the end no longer than to it', async () => {
    const page = await editor(TEXT.replace('duration: 60s', 'duration: 40s'));
    await page.find(by('add-fault')).trigger('click');
    expect(text()).toContain('  - { at: 35s, do: fault, via: idle-timeout:after=10s, for: 5s }');
  });

  it('has no server to command where the server is not ours, and says so', async () => {
    const page = await editor(TEXT.replace('timeScale: 10', 'target: { base: "http://127.0.0.1:9" }'));
    expect(page.find(by('add-kill-server')).attributes('aria-disabled')).toBe('true');
    expect(page.find(by('add-kill-server')).attributes('title')).toContain('not ours');
    await page.find(by('add-kill-server')).trigger('click');
    expect(text()).not.toContain('kill');
    expect(page.find(by('board-target')).text()).toContain('http://127.0.0.1:9');
  });
});

describe('the form of a step', () => {
  it('writes what is typed, and keeps what will not do with its reason', async () => {
    const page = await editor();
    await item(page, '0').trigger('pointerdown', { button: 0 });
    await page.find(by('field-for')).setValue('7s');
    await page.find(by('field-for')).trigger('change');
    expect(text()).toContain('{ at: 10s, do: offline, for: 7s }');
    await page.find(by('field-for')).setValue('soon');
    await page.find(by('field-for')).trigger('change');
    expect(text()).toContain('for: 7s');
    expect(page.find(by('step-form')).text()).toContain('"soon" is not a duration');
    await page.find(by('field-for')).setValue('');
    await page.find(by('field-for')).trigger('change');
    expect(text()).toContain('{ at: 10s, do: offline }');
  });

  it('has the form of each fault, and adds more', async () => {
    const page = await editor();
    await item(page, '2').trigger('pointerdown', { button: 0 });
    await page.find(`${by('card-latency')} input`).setValue('250ms');
    expect(text()).toContain('via: latency:delay=250ms, for: 10s } # slow');
    await page.find(by('step-via-add')).setValue('idle-timeout');
    expect(text()).toContain('via: latency:delay=250ms+idle-timeout, for: 10s } # slow');
    await page.find(`${by('card-latency')} ${by('remove')}`).trigger('click');
    expect(text()).toContain('via: idle-timeout, for: 10s } # slow');
  });

  it('shows what the engine does not know where it is', async () => {
    const page = await editor(TEXT.replace('via: latency', 'via: no-such'));
    await item(page, '2').trigger('pointerdown', { button: 0 });
    expect(page.find(by('problem-step-via')).text()).toBe('There is no fault "no-such". Did you mean slice?');
    expect(item(page, '2').attributes('aria-label')).toContain('Problem: There is no fault');
    expect(page.find(by('board-play')).attributes('title')).toContain('Line 10');
  });
});

describe('the scenario as such', () => {
  it('is named, timed, seeded and followed from the head', async () => {
    const page = await editor();
    const set = async (id: string, value: string): Promise<void> => {
      await page.find(by(id)).setValue(value);
      await page.find(by(id)).trigger('change');
    };
    await set('board-name', 'Lift, up');
    await set('board-duration', '2m');
    await set('board-seed', '7');
    await page.find(by('board-scale-20')).trigger('click');
    await page.find(by('board-lane-long-polling')).trigger('click');
    expect(text()).toContain("name: 'Lift, up'\nseed: 7\ntimeScale: 20\n");
    expect(text()).toContain('  - method: websocket\n  - method: long-polling\n');
    expect(text()).toContain('duration: 2m');
    await page.find(by('board-lane-sse')).trigger('click');
    await settled();
    expect(page.find(by('expect-problem-1')).text()).toContain('There is no lane "sse"');
  });

  it('begins with a path and a server', async () => {
    const page = await editor();
    await page.find(by('board-tab-scenario')).trigger('click');
    await page.find(by('field-path')).setValue('impatient-proxy');
    await page.find(by('field-path')).trigger('change');
    await page.find(by('field-workload')).setValue('chat');
    await page.find(by('field-heartbeat')).setValue('off');
    await page.find(by('field-heartbeat')).trigger('change');
    expect(text()).toContain('server: { workload: chat, heartbeat: off }');
    expect(text()).toContain('path: [impatient-proxy]');
    expect(item(page, 'base').text()).toBe('Impatient proxy');
  });
});

describe('the text', () => {
  const typeIn = async (page: VueWrapper, value: string): Promise<void> => {
    await page.find(by('board-tab-yaml')).trigger('click');
    await page.find(by('yaml-text')).setValue(value);
  };

  it('and the board are one', async () => {
    const page = await editor();
    await typeIn(page, TEXT.replace('at: 20s', 'at: 25s'));
    expect(item(page, '1').attributes('aria-label')).toBe('Cut at 25 s');
    await key(page, '1', 'ArrowRight');
    expect((page.find(by('yaml-text')).element as HTMLTextAreaElement).value).toContain('at: 25.5s');
  });

  it('that cannot be read leaves the last board, greyed, and loses nothing', async () => {
    const page = await editor();
    const broken = TEXT.replace('schedule:', 'schedule: [');
    await typeIn(page, broken);
    await settled();
    expect(page.find(by('timeline')).classes()).toContain('stale');
    expect(page.findAll('.frame [role="option"]')).toHaveLength(4);
    expect(page.find(by('board-stale')).text()).toContain('as it was last');
    expect(page.find(by('yaml-problem-8')).text()).toContain('It is not YAML');
    await key(page, '0', 'ArrowRight');
    await key(page, '0', 'Delete');
    expect(text()).toBe(broken);
    expect(page.find(by('expect-0')).text()).toContain('missed == 0');
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true }));
    expect(text()).toBe(TEXT);
  });

  it('that is no scenario at all is shown as text, with the way out', async () => {
    const page = await editor('hello');
    expect(page.find(by('board-unread')).exists()).toBe(true);
    expect(page.find(by('yaml-text')).exists()).toBe(true);
    expect(page.find(by('board-play')).attributes('disabled')).toBeDefined();
  });

  it('of a kept scenario that was broken and left shows it as it is kept', async () => {
    const page = await editor('');
    await page.find(by('board-shipped:deploy.yaml')).trigger('click');
    useStoryboard().write('name: [');
    await flushPromises();
    setActivePinia(createPinia());
    expect(useStoryboard().scenario?.name).toBe('Deploy');
    expect(useStoryboard().unreadable).toBe(true);
  });

  it('that nobody has saved is there again in another page', async () => {
    await editor();
    useStoryboard().write(`${TEXT}# mine\n`);
    await flushPromises();
    setActivePinia(createPinia());
    expect(useStoryboard().text).toBe(`${TEXT}# mine\n`);
  });
});

describe('checks', () => {
  it('are added, changed and removed, and a wrong one is told before', async () => {
    const page = await editor();
    await page.find(by('expect-lane')).setValue('websocket');
    await page.find(by('expect-measure')).setValue('timeToRecover');
    expect(page.find(by('expect-why')).text()).toContain('has several figures');
    await page.find(by('expect-measure')).setValue('timeToRecover.max');
    await page.find(by('expect-op')).setValue('<');
    await page.find(by('expect-value')).setValue('40s');
    await page.find('form.add').trigger('submit');
    expect(text()).toContain('  - websocket: timeToRecover.max < 40s\n');
    await page.find(`${by('expect-1')} .words`).trigger('click');
    await page.find(by('expect-text-1')).setValue('sse: drops <= 1');
    expect(text()).toContain('  - sse: drops <= 1\n');
    await page.find(by('expect-remove-0')).trigger('click');
    expect(text()).not.toContain('missed');
  });
});

describe('yours', () => {
  it('are saved, come back to be changed, and go, and can be had back', async () => {
    const page = await editor();
    await page.find(by('board-save')).trigger('click');
    await flushPromises();
    expect(page.find(by('board-badge')).text()).toBe('yours');
    expect(page.find(by('board-command')).attributes('title')).toContain('/scenarios/lift.yaml');
    await key(page, '0', 'ArrowRight');
    expect(page.find(by('board-badge')).text()).toBe('yours, changed');
    await page.find(by('board-revert')).trigger('click');
    expect(text()).toBe(TEXT);
    await page.find(by('board-delete')).trigger('click');
    await flushPromises();
    expect(page.find(by('board-own:Lift')).exists()).toBe(false);
    await page.find(by('board-restore')).trigger('click');
    expect(text()).toBe(TEXT);
  });

  it('are not overwritten by another without a word', async () => {
    const page = await editor();
    await page.find(by('board-save')).trigger('click');
    await flushPromises();
    useStoryboard().openDraft(`${TEXT}# another\n`);
    await settled();
    await page.find(by('board-save')).trigger('click');
    expect(page.find(by('board-asking')).text()).toContain('kept already');
    await page.find(by('board-overwrite')).trigger('click');
    await flushPromises();
    expect(page.findAll('.blist [aria-label="Yours"] [role="option"]')).toHaveLength(1);
    expect(text()).toContain('# another');
  });

  it('that cannot be played are not saved: it says why, and nothing is lost', async () => {
    const broken = TEXT.replace('via: latency', 'via: no-such');
    const page = await editor(broken);
    await page.find(by('board-save')).trigger('click');
    await flushPromises();
    expect(page.find(by('board-failure')).text()).toContain('There is no fault');
    expect(text()).toBe(broken);
  });

  it('a copy bears a name of its own', async () => {
    const page = await editor('');
    await page.find(by('board-shipped:deploy.yaml')).trigger('click');
    await page.find(by('board-duplicate')).trigger('click');
    expect(text()).toContain('name: Deploy, mine\n'.replace('Deploy, mine', "'Deploy, mine'"));
    expect(page.find(by('board-badge')).text()).toBe('not saved');
  });
});

describe('playing', () => {
  /** The engine tells of it. */
  const tell = (over: Partial<ScenarioPlay>): void => {
    const live = useLive();
    live.scenario = { ...live.scenario!, ...over };
    live.tick++;
  };

  it('shows where it is, what is done, and what the checks came to', async () => {
    const page = await editor();
    await page.find(by('board-play')).trigger('click');
    await flushPromises();
    expect(plays).toMatchObject([{ name: 'Lift', text: TEXT }]);
    expect(page.find(by('scenario-strip')).text()).toContain('waits for the lanes to open');
    expect(page.find(by('board-stop')).exists()).toBe(true);
    vi.spyOn(useLive(), 'now').mockReturnValue(START + 12_000);
    tell({ beganAt: START });
    await flushPromises();
    expect(page.find(by('scenario-strip')).text()).toContain('12 s of 60 s');
    expect(item(page, '0').attributes('aria-label')).toContain(', done');
    expect(item(page, '1').attributes('aria-label')).not.toContain(', done');
    const checks = ['sse', 'websocket'].map((lane) => ({ name: 'missed == 0', lane, expected: '', actual: '0', passed: true })); // prettier-ignore
    const bad = { name: 'drops == 0', lane: 'sse', expected: '', actual: '2', passed: false };
    tell({ endedAt: START + 60_000, checks: [...checks, bad] });
    await flushPromises();
    expect(page.find(by('strip-end')).text()).toBe('2 of 3 checks passed');
    expect(page.find(by('checks-sum')).text()).toBe('2 of 3 checks passed');
    expect(page.find(by('expect-0')).text()).toContain('both 0');
    expect(page.find(by('expect-1')).text()).toContain('failed');
    expect(page.find(by('expect-1')).text()).toContain('sse 2');
    await page.find(by('strip-show')).trigger('click');
    expect(useUi()).toMatchObject({ view: 'path', pathTab: 'storyboard' });
    await key(page, '0', 'ArrowRight');
    expect(page.find(by('checks-sum')).text()).toContain('before the last change');
  });

  it('is heard of from the engine, and stands among the conditions of the run', async () => {
    const page = await editor();
    await page.find(by('board-play')).trigger('click');
    await flushPromises();
    const live = useLive();
    const tell = teller();
    const fact = { type: 'scenario', name: 'Lift', duration: 60_000 } as const;
    const checks = [{ name: 'missed == 0', lane: 'sse', expected: '', actual: '0', passed: true }];
    live.takeBatch({ seq: 1, now: START + 2000, observations: [tell(2, null, { ...fact, phase: 'begin' })] });
    live.applyPending();
    expect(live.scenario).toMatchObject({ text: TEXT, beganAt: START + 2000, endedAt: null });
    const end = tell(62, null, { ...fact, phase: 'end', checks, passed: true, stopped: false });
    live.takeBatch({ seq: 2, now: START + 62_000, observations: [end] });
    live.applyPending();
    await flushPromises();
    expect(page.find(by('strip-end')).text()).toBe('its check passed');
    expect(live.run!.conditions.items.map((c) => c.label).slice(-2)).toEqual(['“Lift” begins', '“Lift” ends']);
  });

  it('opens what was played, wherever one is', async () => {
    const page = await editor();
    await page.find(by('board-play')).trigger('click');
    await flushPromises();
    tell({ beganAt: START, endedAt: START + 60_000, checks: [] });
    await page.find(by('board-shipped:deploy.yaml')).trigger('click');
    await page.find(by('strip-show')).trigger('click');
    await flushPromises();
    expect(text()).toBe(TEXT);
  });

  it('that another page began is opened as it was played', async () => {
    const page = await editor('');
    const play = { name: 'Lift', text: TEXT, durationMs: 60_000, beganAt: START, endedAt: START + 60_000, stopped: true, checks: [] }; // prettier-ignore
    useLive().takeSnapshot(snapshot({ scenario: play }));
    await flushPromises();
    expect(page.find(by('strip-end')).text()).toBe('stopped');
    await page.find(by('strip-show')).trigger('click');
    await flushPromises();
    expect(text()).toBe(TEXT);
  });

  it('tells of a step that could not be done, on the step', async () => {
    const page = await editor();
    await page.find(by('board-play')).trigger('click');
    await flushPromises();
    tell({ beganAt: START, endedAt: START + 1, checks: [{ name: 'schedule[1]', lane: null, expected: '', actual: 'nothing to cut', passed: false }] }); // prettier-ignore
    await flushPromises();
    expect(item(page, '1').attributes('aria-label')).toContain('It could not be done: nothing to cut');
  });
});
