import { fieldOf } from '../../../shared/guards.ts';
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, triggerRef, watch } from 'vue';
import type { SavedScenario } from '../../../shared/api.ts';
import { failureData, type FailureData } from '../../../shared/failure.ts';
import { setField } from '../../../shared/storyboard/edits.ts';
import { parseStoryboard } from '../../../shared/storyboard/read.ts';
import type { ScenarioEntry } from './scenario-entry.ts';
import { DEFAULT_SCENARIO, NEW_SCENARIO, SHIPPED_SCENARIOS } from './shipped-scenarios.ts';
import { UndoHistory } from './undo-history.ts';
import { loadDrafts, saveDrafts } from './draft-storage.ts';
import { useReadableScenario } from './use-readable-scenario.ts';
import { useScenarioCheck } from './use-scenario-check.ts';
import { useLive } from '../../stores/live.ts';

/** The scenario open in the storyboard: its text is the source, the timeline is derived from it. */
export const useStoryboard = defineStore('storyboard', () => {
  const live = useLive();
  const saved = shallowRef<SavedScenario[]>([]);
  const stored = loadDrafts();
  const key = ref(stored.open ?? DEFAULT_SCENARIO.key);
  const drafts = ref<Record<string, string>>(stored.drafts);
  /** localStorage is unavailable: unsaved drafts are lost with the page. */
  const storageFailed = ref(false);
  const selected = ref<number | null>(null);
  const failure = shallowRef<FailureData | null>(null);
  /** The one that was deleted last, until something else happens: it can be had back. */
  const deleted = shallowRef<{ name: string; text: string } | null>(null);
  /** Which entry was played last, and as what. */
  const played = shallowRef<{ key: string; text: string } | null>(null);
  const histories = shallowRef(new Map<string, UndoHistory>());
  const entries = computed<ScenarioEntry[]>(() => {
    const yours = saved.value.map((s): ScenarioEntry => ({ ...s, key: `own:${s.name}`, kind: 'yours' }));
    const kept = [...yours, ...SHIPPED_SCENARIOS];
    const unsaved = Object.entries(drafts.value).filter(([k]) => !kept.some((e) => e.key === k));
    const unsavedEntries = unsaved.map(([k, text]): ScenarioEntry => ({ key: k, kind: 'draft', name: nameOf(text) ?? 'Unnamed', text: '', file: null })); // prettier-ignore
    return [...unsavedEntries, ...kept];
  });
  const entry = computed(() => entries.value.find((e) => e.key === key.value) ?? null);
  const text = computed(() => drafts.value[key.value] ?? entry.value?.text ?? '');
  const changed = computed(() => entry.value !== null && drafts.value[key.value] !== undefined);
  const name = computed(() => nameOf(text.value) ?? entry.value?.name ?? 'Unnamed');
  const { read, scenario, raw, unreadable } = useReadableScenario(key, text, () => entry.value?.text ?? '');
  const { problems, checked, check, reset: resetCheck } = useScenarioCheck(text, failure);
  const playable = computed(() => checked.value === text.value && problems.value.length === 0 && !unreadable.value);
  const history = computed(() => histories.value.get(key.value) ?? null);

  watch([key, drafts], () => (storageFailed.value = !saveDrafts({ open: key.value, drafts: drafts.value })), {
    deep: true,
  });
  watch(
    [scenario, key],
    () => {
      const steps = scenario.value?.schedule?.length ?? 0;
      if (selected.value !== null && selected.value >= steps) selected.value = null;
    },
    { immediate: true },
  );
  watch(
    () => live.api,
    () => void load(),
    { immediate: true },
  );

  async function load(): Promise<void> {
    if (live.api) saved.value = await live.api.savedScenarios().catch(() => saved.value);
    // kept by nobody any more, and nothing was typed: begin with what is there
    if (live.api && !entry.value) open(DEFAULT_SCENARIO.key);
  }

  function open(next: string): void {
    if (next === key.value) return;
    key.value = next;
    selected.value = null;
    failure.value = null;
    resetCheck();
  }

  /** Replaces the text; what is as it is kept is no draft any more. */
  function setText(next: string): void {
    const { [key.value]: _, ...others } = drafts.value;
    const kept = entry.value?.kind !== 'draft' && next === entry.value?.text;
    drafts.value = kept ? others : { ...others, [key.value]: next };
  }

  /** @param kind of changes that are taken back together when they follow each other */
  function write(next: string, kind: string | null = null): void {
    if (next === text.value) return;
    const undoHistory = history.value ?? new UndoHistory();
    histories.value.set(key.value, undoHistory);
    undoHistory.record({ text: text.value, selected: selected.value }, kind);
    triggerRef(histories);
    failure.value = null;
    setText(next);
  }

  /** A visual edit. On failure nothing changes and `failure` says why. @returns whether it was done */
  function edit(
    change: (text: string) => string | { text: string; index: number },
    kind: string | null = null,
  ): boolean {
    try {
      const next = change(text.value);
      if (typeof next === 'string') write(next, kind);
      else {
        write(next.text, kind);
        selected.value = next.index;
      }
      return true;
    } catch (e) {
      failure.value = failureData(e);
      return false;
    }
  }

  const undo = (): void => applyHistory((h, now) => h.undo(now));
  const redo = (): void => applyHistory((h, now) => h.redo(now));
  function applyHistory(
    go: (h: UndoHistory, now: { text: string; selected: number | null }) => ReturnType<UndoHistory['undo']>,
  ): void {
    const state = history.value && go(history.value, { text: text.value, selected: selected.value });
    if (!state) return;
    triggerRef(histories);
    setText(state.text);
    selected.value = state.selected;
  }
  const endUndoGroup = (): void => history.value?.endGroup();

  /** A text of its own, opened. */
  function openDraft(content: string): void {
    const newKey = `draft:${crypto.randomUUID()}`;
    drafts.value = { ...drafts.value, [newKey]: content };
    open(newKey);
  }
  const create = (): void => openDraft(renamed(NEW_SCENARIO, freeName('New scenario')));
  const duplicate = (): void => openDraft(renamed(text.value, freeName(`${name.value}, mine`)));

  /** A name that nothing has yet. */
  function freeName(wanted: string): string {
    const taken = new Set(entries.value.map((e) => e.name));
    for (let n = 1; ; n++) {
      const next = n === 1 ? wanted : `${wanted} ${n}`;
      if (!taken.has(next)) return next;
    }
  }

  /** Back to what is kept; a text of its own goes altogether. It can be undone. */
  function revert(): void {
    if (entry.value?.kind === 'draft') discard();
    else if (entry.value) write(entry.value.text);
  }
  function discard(): void {
    deleted.value = { name: name.value, text: text.value };
    const { [key.value]: _, ...others } = drafts.value;
    const next = entries.value.find((e) => e.key !== key.value);
    if (next) open(next.key);
    drafts.value = others;
  }
  function restore(): void {
    const was = deleted.value;
    deleted.value = null;
    if (was) openDraft(was.text);
  }

  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    failure.value = null;
    try {
      if (!live.api) throw new Error('The engine is not connected.');
      return await work();
    } catch (e) {
      failure.value = failureData(e);
      return null;
    }
  }

  /** Another saved scenario of the same name, which saving would overwrite. */
  const nameConflict = computed(() => entries.value.find((e) => e.kind === 'yours' && e.name === name.value && e.key !== key.value) ?? null); // prettier-ignore

  async function save(): Promise<boolean> {
    const from = key.value;
    const content = text.value;
    const kept = await attempt(() => live.api!.saveScenario({ text: content }));
    if (!kept) return false;
    await load();
    const { [from]: draft, ...others } = drafts.value;
    const own = `own:${kept.name}`;
    // what was typed while it was being saved is still to be saved
    const later = draft !== undefined && draft !== content ? { [own]: draft } : {};
    const past = histories.value.get(from);
    if (past) histories.value.set(own, past);
    const was = selected.value;
    if (played.value?.key === from) played.value = { ...played.value, key: own };
    open(own);
    drafts.value = { ...others, ...later };
    selected.value = was;
    deleted.value = null;
    return true;
  }

  async function remove(): Promise<void> {
    const now = entry.value;
    if (now?.kind === 'draft') return discard();
    if (now?.kind !== 'yours') return;
    const was = { name: name.value, text: text.value };
    const done = await attempt(async () => {
      await live.api!.deleteScenario({ name: now.name });
      return true;
    });
    if (!done) return;
    const { [now.key]: _, ...others } = drafts.value;
    open(DEFAULT_SCENARIO.key);
    drafts.value = others;
    deleted.value = was;
    await load();
  }

  async function play(): Promise<boolean> {
    const content = text.value;
    played.value = { key: key.value, text: content };
    const done = await attempt(async () => {
      await live.api!.playScenario({ text: content });
      return true;
    });
    return done === true;
  }
  /** Plays the current text, after the engine has checked it. */
  async function playNow(): Promise<void> {
    if (!playable.value) await check();
    if (playable.value) await play();
  }
  const stop = (): void => void attempt(() => live.api!.stopScenario());

  return {
    saved, key, drafts, storageFailed, selected, problems, checked, failure, deleted, played, history, entries, entry, text,
    changed, name, read, raw, scenario, unreadable, playable, nameConflict, load, check, open, write, edit, undo, redo, endUndoGroup, openDraft,
    create, duplicate, revert, restore, save, remove, play, playNow, stop,
  }; // prettier-ignore
});

function nameOf(text: string): string | null {
  const name = fieldOf(parseStoryboard(text).raw, 'name');
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Where it cannot be read, it keeps its name. */
function renamed(text: string, name: string): string {
  try {
    return setField(text, 'name', name);
  } catch {
    return text;
  }
}
