import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { FieldProblem, SavedPath } from '../../../shared/api.ts';
import { failureData, type FailureData } from '../../../shared/failure.ts';
import { spellPath } from '../../../shared/path/describe.ts';
import type { Definition } from '../../../shared/path/definition.ts';
import { DEFINITIONS } from '../../../shared/path/definitions.ts';
import { formatParam } from '../../../shared/path/params.ts';
import { recordedPath, resolveVia } from '../../../shared/path/resolve.ts';
import { stepsOf, type PathSpec, type PathStep } from '../../../shared/path/spec.ts';
import type { PresetInfo } from '../../../shared/path/presets/preset.ts';
import { draftsOf, draftStep, newFaultDraft, pathOf, type FaultDraft } from '../../fault-form/fault-draft.ts';
import { useLive } from '../../stores/live.ts';

/** Something of the list that can be opened: a preset, a path of one's own, or what is in use and is neither. */
export interface PathEntry {
  /** `preset:nginx-tuned`, `own:Office`, `used`. */
  key: string;
  label: string;
  group: string;
  what: string;
  kind: PresetInfo['kind'] | 'yours';
  source: string;
  via: string;
  preset: PresetInfo | null;
}

/** The path being edited in the Path view, with its unsaved changes; kept while another view is shown. */
export const usePathEditor = defineStore('path-editor', () => {
  const live = useLive();
  const savedPaths = shallowRef<SavedPath[]>([]);
  const key = ref<string | null>(null);
  const stack = ref<FaultDraft[]>([]);
  /** The path has steps that have no form here. */
  const hasUnknownSteps = ref(false);
  const failure = shallowRef<FailureData | null>(null);

  const faults = computed<Definition[]>(() => (live.info?.faults ?? []).flatMap(({ id }) => DEFINITIONS[id] ?? []));
  const presets = computed<PresetInfo[]>(() => live.info?.presets ?? []);
  const viaInUse = computed(() => spellPath(live.config?.path ?? []).join('+') || 'direct');

  const entries = computed<PathEntry[]>(() => {
    const saved = savedPaths.value.map(({ name, via }): PathEntry => ({
      key: `own:${name}`,
      label: name,
      group: 'Yours',
      what: 'A path of your own.',
      kind: 'yours',
      source: '',
      via: via.join('+') || 'direct',
      preset: null,
    }));
    const shipped = presets.value.map((p): PathEntry => ({ ...p, key: `preset:${p.id}`, via: p.id, preset: p }));
    const all = [...saved, ...shipped];
    if (all.length === 0 || findEntry(viaInUse.value, all)) return all;
    const label = live.run?.path.label ?? viaInUse.value;
    const what = 'The path of this run, put together by hand.';
    const now: PathEntry = { key: 'used', label, group: 'In use', what, kind: 'yours', source: '', via: viaInUse.value, preset: null }; // prettier-ignore
    return [now, ...all];
  });
  const entry = computed(() => entries.value.find((e) => e.key === key.value) ?? null);

  /** The steps as values; null while one of them is wrong or cannot be read. */
  const steps = computed<PathStep[] | null>(() => (hasUnknownSteps.value ? null : draftSteps(stack.value)));
  const spec = computed<PathSpec | null>(() => steps.value && asPreset(steps.value, entry.value?.preset ?? null));
  /** The path as typed after --via; null while a value is wrong. */
  const via = computed<string | null>(() => {
    if (hasUnknownSteps.value) return entry.value?.via ?? null;
    return spec.value && (spellPath(spec.value).join('+') || 'direct');
  });
  /** What is wrong with a path that has no forms. */
  const problems = computed<FieldProblem[]>(() => {
    if (!hasUnknownSteps.value || via.value === null) return [];
    try {
      resolveVia([via.value], 'path');
      return [];
    } catch (e) {
      const { message, hint, place } = failureData(e);
      return [{ field: place ?? 'path', message, ...(hint === undefined ? {} : { hint }) }];
    }
  });
  const changed = computed(() => entry.value !== null && via.value !== originalVia.value);
  /** What the entry reads as while nothing has been changed. */
  const originalVia = ref<string | null>(null);
  const inUse = computed(() => via.value !== null && via.value === viaInUse.value);

  /** The preset in other words than its own: which of its values differ, `Idle limit 1m → 10s`. */
  const differences = computed<string[]>(() => {
    const base = entry.value && readSteps(entry.value.via);
    if (!base || steps.value === null) return [];
    if (!sameNames(base, steps.value)) return ['faults changed'];
    return steps.value.flatMap(({ name, params }, i) =>
      Object.entries(DEFINITIONS[name]!.params)
        .filter(([key]) => params[key] !== base[i]!.params[key])
        .map(([key, param]) => {
          const [before, now] = [base[i]!.params[key]!, params[key]!].map((value) => formatParam(param, value));
          return `${param.label} ${before} → ${now}`;
        }),
    );
  });

  /** What is used in the list: the entry it was chosen from, changed or not. */
  const keyInUse = computed(() => findEntry(viaInUse.value, entries.value)?.key ?? null);

  function choose(next: PathEntry): void {
    key.value = next.key;
    failure.value = null;
    openVia(next.via);
    originalVia.value = via.value;
  }

  function openVia(text: string): void {
    // Kept by another version, perhaps: shown as text, without forms.
    const path = recordedPath([text]);
    hasUnknownSteps.value = path === null;
    stack.value = draftsOf(path ?? []);
  }

  /** Opens the path of the run, unless one is open. */
  function openInUse(): void {
    if (entry.value || entries.value.length === 0) return;
    const now = findEntry(viaInUse.value, entries.value) ?? entries.value[0]!;
    choose(now);
    if (now.preset && viaInUse.value !== now.via) openVia(viaInUse.value);
  }

  async function load(): Promise<void> {
    if (live.api) savedPaths.value = await live.api.savedPaths().catch(() => savedPaths.value);
    openInUse();
  }

  /** @returns the new one, at the server's end */
  function add(info: Definition): FaultDraft {
    const fault = newFaultDraft(info);
    stack.value = [...stack.value, fault];
    return fault;
  }
  function remove(fault: FaultDraft): void {
    stack.value = stack.value.filter((f) => f.key !== fault.key);
  }
  /** Puts a fault elsewhere in the stack; out of range is the end of it. */
  function move(from: number, to: number): void {
    const at = Math.max(0, Math.min(stack.value.length - 1, to));
    if (from === at) return;
    const next = [...stack.value];
    next.splice(at, 0, ...next.splice(from, 1));
    stack.value = next;
  }
  const reset = (): void => void (entry.value && choose(entry.value));

  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    failure.value = null;
    try {
      if (!live.api) throw new Error('The engine is not connected.');
      await work();
      return true;
    } catch (e) {
      failure.value = failureData(e);
      return false;
    }
  }

  /** Applies it to the run, in place. */
  async function use(): Promise<boolean> {
    return spec.value !== null && (await attempt(() => live.api!.setPath({ path: spec.value! })));
  }
  async function save(name: string): Promise<boolean> {
    if (spec.value === null) return false;
    const done = await attempt(async () => {
      await live.api!.savePath({ name: name.trim(), path: spec.value! });
      savedPaths.value = await live.api!.savedPaths();
    });
    const saved = entries.value.find((e) => e.key === `own:${name.trim()}`);
    if (done && saved) choose(saved);
    return done;
  }
  async function deleteSaved(name: string): Promise<boolean> {
    return attempt(async () => {
      await live.api!.deletePath({ name });
      savedPaths.value = await live.api!.savedPaths();
      key.value = null;
      openInUse();
    });
  }

  return {
    savedPaths, key, stack, hasUnknownSteps, problems, failure, faults, viaInUse, keyInUse, entries, entry, steps, via, changed, inUse,
    differences, choose, openInUse, load, add, remove, move, reset, use, save, deleteSaved,
  }; // prettier-ignore
});

/** Found by its whole text, or by the preset that it begins and ends with. */
function findEntry(text: string, entries: readonly PathEntry[]): PathEntry | null {
  const whole = entries.find((e) => e.via === text);
  if (whole || text.includes('+')) return whole ?? null;
  return entries.find((e) => e.preset !== null && e.preset.id === text.split(':')[0]) ?? null;
}

function draftSteps(stack: readonly FaultDraft[]): PathStep[] | null {
  try {
    return stack.map(draftStep);
  } catch {
    return null;
  }
}

/** What a text stands for; null where that is not known here. */
function readSteps(via: string): PathStep[] | null {
  const path = recordedPath([via]);
  return path && stepsOf(path);
}

const sameNames = (a: readonly PathStep[], b: readonly PathStep[]): boolean =>
  a.length === b.length && a.every((step, i) => step.name === b[i]!.name);

/** A preset whose values alone differ keeps its name: `nginx-tuned:http-idle-timeout=10s`. */
function asPreset(steps: readonly PathStep[], preset: PresetInfo | null): PathSpec {
  const twice = new Set(steps.map((step) => step.name)).size !== steps.length;
  const base = preset && readSteps(preset.id);
  if (!preset || !base || twice || steps.length === 0 || !sameNames(base, steps)) return pathOf(steps);
  return [{ preset: preset.id, steps }];
}
