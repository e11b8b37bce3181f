import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { EngineApi, FieldProblem } from '../../../shared/api.ts';
import type { EndpointBook, SavedEndpoint } from '../../../shared/book/book.ts';
import { METHODS, type Method } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { failureText, type FailureData } from '../../../shared/failure.ts';
import type { RemoteTarget } from '../../../shared/target.ts';
import { useLive } from '../../stores/live.ts';
import { useUi } from '../../stores/ui.ts';

export const TABS = ['request', 'auth', 'stream', 'retry', 'tls', 'timeouts'] as const;
export type EndpointTab = (typeof TABS)[number];

const emptyTarget = (name: string): RemoteTarget => ({
  kind: 'remote',
  name,
  base: null,
  urls: { sse: '' },
  channel: DEFAULTS.channel,
  headers: {},
  dialect: 'plain',
});

/** What is typed, as plain data that may cross to the engine: a field left empty is one that is not there. */
export function plainTarget(typed: RemoteTarget): RemoteTarget {
  const target = JSON.parse(JSON.stringify(typed)) as RemoteTarget; // cast: a copy of it
  const optional = ['scheme', 'scope', 'audience', 'clientSecret', 'refreshToken'];
  for (const key of target.auth ? optional : []) if (Reflect.get(target.auth!, key) === '') Reflect.deleteProperty(target.auth!, key);
  return target;
} // prettier-ignore

/** The endpoints that are kept, and the one that is being edited: what is typed stays until it is saved or thrown away. */
export const useEndpoints = defineStore('endpoints', () => {
  const live = useLive();
  const ui = useUi();
  const book = shallowRef<EndpointBook | null>(null);
  const draft = ref<RemoteTarget | null>(null);
  const folder = ref<string | null>(null);
  /** The name under which the draft is kept; null: it is new. */
  const savedAs = ref<string | null>(null);
  const before = ref('');
  const tab = ref<EndpointTab>('request');
  const problems = ref<FieldProblem[]>([]);
  const failed = shallowRef<FailureData | null>(null);
  const dialog = ref<'import' | 'environments' | 'secrets' | null>(null);

  const saved = computed<SavedEndpoint | null>(
    () => book.value?.endpoints.find(({ target }) => target.name === savedAs.value) ?? null,
  );
  const isChanged = computed(() => draft.value !== null && textOf() !== before.value);
  /** The method whose address stands above. */
  const method = computed<Method>(
    () => METHODS.find((m) => draft.value?.urls[m] !== undefined) ?? (draft.value?.base === null ? 'sse' : 'sse'),
  );
  const folders = computed(() => {
    const names = [...new Set((book.value?.endpoints ?? []).map((one) => one.folder))];
    return names.map((name) => ({ name, endpoints: book.value!.endpoints.filter((one) => one.folder === name) }));
  });

  function textOf(): string {
    return JSON.stringify([draft.value, folder.value]);
  }

  /** Calls the engine; what goes wrong stands in the view, in its place. */
  async function call<T>(work: (api: EngineApi) => Promise<T>): Promise<T | undefined> {
    failed.value = null;
    const result = await live.call(work);
    if (!live.problem) return result;
    failed.value = live.problem;
    const { place, message, hint } = live.problem;
    const field = place?.replace(/^(keepEndpoint\.)?target\./, '');
    if (field !== undefined) problems.value = [{ field, message, ...(hint === undefined ? {} : { hint }) }];
    live.problem = null;
    return undefined;
  }

  async function load(): Promise<void> {
    const next = await call((api) => api.endpointBook());
    if (!next) return;
    book.value = next;
    const first = next.endpoints[0];
    if (draft.value === null && first) open(first.target.name);
  }

  function open(name: string): void {
    const one = book.value?.endpoints.find(({ target }) => target.name === name);
    if (one) take(one.target, one.folder, one.target.name);
  }

  function take(target: RemoteTarget, into: string | null, as: string | null): void {
    draft.value = plainTarget(target);
    folder.value = into;
    savedAs.value = as;
    before.value = as === null ? '' : textOf();
    problems.value = [];
    failed.value = null;
  }

  function freeName(name: string): string {
    const taken = (book.value?.endpoints ?? []).map(({ target }) => target.name);
    for (let n = 1; ; n++) if (!taken.includes(n === 1 ? name : `${name} ${n}`)) return n === 1 ? name : `${name} ${n}`;
  }

  function add(): void {
    take(emptyTarget(freeName('New endpoint')), folder.value, null);
    tab.value = 'request';
  }

  function duplicate(): void {
    if (draft.value) take({ ...draft.value, name: freeName(`${draft.value.name}, copy`) }, folder.value, null);
  }

  /** @returns whether what is typed is kept now */
  async function save(): Promise<boolean> {
    if (!draft.value) return false;
    const target = plainTarget(draft.value);
    const found = await call((api) => api.checkTarget(target));
    if (!found) return false;
    problems.value = found;
    if (found.length > 0) return false;
    const where = { folder: folder.value, ...(savedAs.value === null ? {} : { before: savedAs.value }) };
    const kept = await call((api) => api.keepEndpoint({ target, ...where }));
    if (!kept) return false;
    take(kept, folder.value, kept.name);
    await load();
    return true;
  }

  async function remove(name: string): Promise<void> {
    await call((api) => api.deleteEndpoint({ name }));
    if (savedAs.value === name) draft.value = savedAs.value = null;
    await load();
  }

  async function move(name: string, into: string | null, beforeName: string | null): Promise<void> {
    const all = book.value?.endpoints ?? [];
    const rest = all.map(({ target, folder: of }) => ({ name: target.name, folder: of })).filter((one) => one.name !== name);
    const at = beforeName === null ? rest.findLastIndex((one) => one.folder === into) + 1 || rest.length : rest.findIndex((one) => one.name === beforeName);
    rest.splice(at < 0 ? rest.length : at, 0, { name, folder: into });
    await call((api) => api.arrangeEndpoints({ order: rest }));
    if (savedAs.value === name && !isChanged.value) folder.value = into;
    await load();
    if (savedAs.value === name) before.value = textOf();
  } // prettier-ignore

  /** Follows what is kept, in the Live view. */
  async function openInLive(): Promise<void> {
    if ((isChanged.value || savedAs.value === null) && !(await save())) return;
    if (!draft.value) return;
    const target = plainTarget(draft.value);
    const own = METHODS.filter((m) => (target.urls[m] ?? '') !== '');
    const speaks = live.info?.dialects.find((d) => d.name === target.dialect)?.methods ?? METHODS;
    const lanes = (target.base === null ? own : [...new Set([...own, ...speaks])]).map((m) => ({ method: m }));
    await call((api) => api.restartRun({ target, lanes, timeScale: 1 }));
    if (!failed.value) ui.view = 'live';
  }

  const problemOf = (field: string): FieldProblem | undefined =>
    problems.value.find((p) => p.field === field || p.field.startsWith(`${field}.`));

  const words = computed(() => (failed.value ? failureText(failed.value) : ''));

  return {
    book, draft, folder, savedAs, saved, tab, problems, failed, words, dialog, isChanged, method, folders,
    call, load, open, take, add, duplicate, save, remove, move, openInLive, problemOf, freeName,
  };
}); // prettier-ignore
