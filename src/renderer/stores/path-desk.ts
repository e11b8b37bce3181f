import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { FieldProblem, SavedPath } from '../../shared/api.ts';
import { failureData, type FailureData } from '../../shared/failure.ts';
import { formatParam, type FaultInfo, type FaultSpec, type PresetInfo } from '../../shared/params.ts';
import { newFault, stackOf, stackText, valuesOf, type FaultDraft } from '../components/run/path-draft.ts';
import { useLive } from './live.ts';

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

/** The path that lies open in the Path view, and what has been changed of it. Looking at the run does not lose it. */
export const usePathDesk = defineStore('path-desk', () => {
  const live = useLive();
  const own = shallowRef<SavedPath[]>([]);
  const key = ref<string | null>(null);
  const stack = ref<FaultDraft[]>([]);
  /** The path has steps that have no form here. */
  const unread = ref(false);
  const problems = shallowRef<FieldProblem[]>([]);
  const failure = shallowRef<FailureData | null>(null);

  const faults = computed<FaultInfo[]>(() => live.info?.faults ?? []);
  const presets = computed<PresetInfo[]>(() => live.info?.presets ?? []);
  const used = computed(() => (live.config?.via ?? []).join('+') || 'direct');

  const entries = computed<PathEntry[]>(() => {
    const mine = own.value.map(({ name, via }): PathEntry => ({
      key: `own:${name}`,
      label: name,
      group: 'Yours',
      what: 'A path of your own.',
      kind: 'yours',
      source: '',
      via: via.join('+') || 'direct',
      preset: null,
    }));
    const given = presets.value.map((p): PathEntry => ({ ...p, key: `preset:${p.id}`, via: p.id, preset: p }));
    const all = [...mine, ...given];
    if (all.length === 0 || entryOf(used.value, all)) return all;
    const label = live.run?.path.label ?? used.value;
    const what = 'The path of this run, put together by hand.';
    const now: PathEntry = { key: 'used', label, group: 'In use', what, kind: 'yours', source: '', via: used.value, preset: null }; // prettier-ignore
    return [now, ...all];
  });
  const entry = computed(() => entries.value.find((e) => e.key === key.value) ?? null);

  /** The steps as values; null while one of them is wrong or cannot be read. */
  const steps = computed<FaultSpec[] | null>(() => (unread.value ? null : specsOf(stack.value)));
  /** The path as typed after --via; null while a value is wrong. */
  const via = computed<string | null>(() => {
    if (unread.value) return entry.value?.via ?? null;
    if (steps.value === null) return null;
    return spelled(stack.value, entry.value?.preset ?? null) || 'direct';
  });
  const changed = computed(() => entry.value !== null && via.value !== opened.value);
  /** What the entry reads as while nothing has been changed. */
  const opened = ref<string | null>(null);
  const inUse = computed(() => via.value !== null && via.value === used.value);

  /** The preset in other words than its own: which of its values differ, `Idle limit 1m → 10s`. */
  const differences = computed<string[]>(() => {
    const base = entry.value ? stackOf(entry.value.via, faults.value, presets.value) : null;
    if (!base || steps.value === null) return [];
    if (!sameSteps(base, stack.value)) return ['faults changed'];
    return stack.value.flatMap((draft, i) =>
      Object.entries(draft.info.params)
        .filter(([name]) => draft.text[name] !== base[i]!.text[name])
        .map(([name, param]) => `${param.label} ${base[i]!.text[name]} → ${draft.text[name]}`),
    );
  });

  /** What is used in the list: the entry it was chosen from, changed or not. */
  const usedKey = computed(() => entryOf(used.value, entries.value)?.key ?? null);

  function choose(next: PathEntry): void {
    key.value = next.key;
    problems.value = [];
    failure.value = null;
    lay(next.via);
    opened.value = via.value;
  }

  function lay(text: string): void {
    let found: FaultDraft[] | null = null;
    try {
      found = stackOf(text, faults.value, presets.value);
    } catch {
      // Kept by another version, perhaps: shown as text, without forms.
    }
    unread.value = found === null;
    stack.value = found ?? [];
  }

  /** Opens what the run uses, unless something is open. */
  function begin(): void {
    if (entry.value || entries.value.length === 0) return;
    const now = entryOf(used.value, entries.value) ?? entries.value[0]!;
    choose(now);
    if (now.preset && used.value !== now.via) lay(used.value);
  }

  async function load(): Promise<void> {
    if (live.api) own.value = await live.api.savedPaths().catch(() => own.value);
    begin();
  }

  /** @returns the new one, at the server's end */
  function add(info: FaultInfo): FaultDraft {
    const fault = newFault(info);
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

  /** What the engine thinks of it. @returns whether it will do */
  async function check(): Promise<boolean> {
    const text = via.value;
    if (text === null || !live.api) return false;
    const found = await live.api.checkPath({ via: [text] }).catch((e: unknown) => {
      const { message, hint, place } = failureData(e);
      return [{ field: place ?? 'path', message, ...(hint === undefined ? {} : { hint }) }];
    });
    if (text === via.value) problems.value = found;
    return found.length === 0;
  }

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

  /** Lays it under the run, in place. */
  async function use(): Promise<boolean> {
    return (await check()) && (await attempt(() => live.api!.setPath({ via: [via.value!] })));
  }
  async function save(name: string): Promise<boolean> {
    if (!(await check())) return false;
    const done = await attempt(async () => {
      await live.api!.savePath({ name: name.trim(), via: [via.value!] });
      own.value = await live.api!.savedPaths();
    });
    const saved = entries.value.find((e) => e.key === `own:${name.trim()}`);
    if (done && saved) choose(saved);
    return done;
  }
  async function forget(name: string): Promise<boolean> {
    return attempt(async () => {
      await live.api!.deletePath({ name });
      own.value = await live.api!.savedPaths();
      key.value = null;
      begin();
    });
  }

  return {
    own, key, stack, unread, problems, failure, faults, used, usedKey, entries, entry, steps, via, changed, inUse,
    differences, choose, begin, load, add, remove, move, reset, check, use, save, forget,
  }; // prettier-ignore
});

/** Found by its whole text, or by the preset that it begins and ends with. */
function entryOf(text: string, entries: readonly PathEntry[]): PathEntry | null {
  const whole = entries.find((e) => e.via === text);
  if (whole || text.includes('+')) return whole ?? null;
  return entries.find((e) => e.preset !== null && e.preset.id === text.split(':')[0]) ?? null;
}

function specsOf(stack: readonly FaultDraft[]): FaultSpec[] | null {
  try {
    return stack.map((draft) => ({ name: draft.info.id, params: valuesOf(draft) }));
  } catch {
    return null;
  }
}

const sameSteps = (a: readonly FaultDraft[], b: readonly FaultDraft[]): boolean =>
  a.length === b.length && a.every((draft, i) => draft.info.id === b[i]!.info.id);

/** A preset whose values alone differ keeps its name: `nginx-tuned:http-idle-timeout=10s`. */
function spelled(stack: readonly FaultDraft[], preset: PresetInfo | null): string {
  const infos = stack.map((d) => d.info);
  const base = preset && stackOf(preset.via, infos, []);
  const twice = new Set(infos).size !== infos.length;
  if (!preset || !base || twice || !sameSteps(base, stack)) return stackText(stack);
  const changes = stack.flatMap((draft, i) => {
    const [first] = Object.keys(draft.info.params);
    const was = valuesOf(base[i]!);
    const now = valuesOf(draft);
    return Object.entries(draft.info.params)
      .filter(([name]) => now[name] !== was[name])
      .map(([name, param]) => {
        const place = name === first ? draft.info.id : `${draft.info.id}.${name}`;
        return `${place}=${formatParam(param, now[name]!)}`;
      });
  });
  return changes.length === 0 ? preset.id : `${preset.id}:${changes.join(',')}`;
}

/** For what a fault is set to, in a line: its first value, and the others that are not as they come. */
export function summaryOf({ info, text }: FaultDraft): string {
  return Object.entries(info.params)
    .filter(([name, param], i) => i === 0 || text[name] !== formatParam(param, param.default))
    .map(([name, param]) => (param.kind === 'choice' ? (param.options[text[name]!] ?? text[name]!) : text[name]!))
    .join(', ');
}
