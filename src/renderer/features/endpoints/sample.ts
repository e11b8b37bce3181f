import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { stringify } from 'yaml';
import type { Sample, SampleMessage } from '../../../shared/sample.ts';
import { plainTarget, useEndpoints } from './endpoints.ts';

/** What a field of a message can be said to be; the key that says it. */
export const MEANINGS = [
  { id: 'id', label: 'Id', key: 'i' },
  { id: 'cursor', label: 'Cursor', key: 'c' },
  { id: 'time', label: 'Time', key: 't' },
  { id: 'type', label: 'Type', key: 'y' },
  { id: 'beat', label: 'Heartbeat', key: 'h' },
  { id: 'end', label: 'End', key: 'e' },
  { id: 'gap', label: 'Gap', key: 'g' },
] as const;
export type Meaning = (typeof MEANINGS)[number]['id'];

/** Where a value stands in a message: a JSON pointer, and the value as it was. */
export interface Field {
  pointer: string;
  value: string;
}

/** The endpoint listened to while it is set up, and what was said of the fields of its messages. */
export const useSample = defineStore('endpoints-sample', () => {
  const store = useEndpoints();
  const sample = shallowRef<Sample | null>(null);
  const paused = ref(false);
  const chosen = ref<number | null>(null);
  const said = ref<Partial<Record<Meaning, Field>>>({});
  let mine = 0;

  async function listen(): Promise<void> {
    if (!store.draft) return;
    const target = plainTarget(store.draft);
    await stop();
    const turn = ++mine;
    let next = await store.call((api) => api.listenTo({ target, method: store.method }));
    while (next && turn === mine) {
      if (!paused.value || next.done) sample.value = next;
      if (next.done) return;
      const { id, version } = next;
      next = await store.call((api) => api.sampleProgress({ id, version }));
    }
  }

  async function stop(): Promise<void> {
    mine++;
    const id = sample.value?.done === false ? sample.value.id : null;
    if (id !== null) await store.call((api) => api.stopListening({ id }));
    if (sample.value) sample.value = { ...sample.value, done: true };
  }

  function forget(): void {
    void stop();
    sample.value = null;
    chosen.value = null;
    said.value = {};
  }

  const message = computed<SampleMessage | null>(() => {
    const events = sample.value?.messages.filter(({ kind }) => kind === 'event') ?? [];
    return events.find(({ number }) => number === chosen.value) ?? events.at(-1) ?? null;
  });

  /** How often a pointer finds something in what was heard. */
  function foundAt(pointer: string): { found: number; of: number; last: string | null; first: string | null } {
    const events = sample.value?.messages.filter(({ kind }) => kind === 'event') ?? [];
    const values = events.flatMap(({ data }) => valueAt(data, pointer) ?? []);
    return { found: values.length, of: events.length, last: values.at(-1) ?? null, first: events.at(-1)?.data.slice(0, 120) ?? null };
  } // prettier-ignore

  /** The dialect that what was said comes to, as a file. */
  const dialect = computed(() => {
    const { id, cursor, time, type, beat, end, gap } = said.value;
    if (Object.keys(said.value).length === 0) return null;
    const rule = (field: Field): Record<string, unknown> => ({ [field.pointer]: parsed(field.value) });
    const messages = [
      ...(end ? [{ when: rule(end), is: 'end' }] : []),
      ...(beat ? [{ when: rule(beat), is: 'beat' }] : []),
      ...(gap ? [{ when: rule(gap), is: 'gap' }] : []),
      {
        is: 'event',
        ...(id ? { id: id.pointer } : cursor ? { id: cursor.pointer } : {}),
        ...(type ? { type: type.pointer } : {}),
        ...(time ? { time: { at: time.pointer, unit: 'ms' } } : {}),
      },
    ];
    const method = store.method;
    const framing = method === 'sse' ? 'sse' : method === 'websocket' ? 'json' : 'list';
    const dense = id !== undefined && /^\d+$/.test(id.value);
    return stringify(
      {
        dialect: 2,
        name: (store.draft?.name ?? 'mine').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, ''),
        label: store.draft?.name ?? 'Mine',
        ids: { kind: id || cursor ? (dense ? 'ordered' : 'opaque') : 'none' },
        methods: { [method]: { framing, messages } },
      },
      { lineWidth: 0 },
    );
  }); // prettier-ignore

  return { sample, paused, chosen, said, message, dialect, listen, stop, forget, foundAt };
});

/** What stands at a pointer (RFC 6901) in a message that is JSON, as text; null: nothing does. */
export function valueAt(data: string, pointer: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key]; // cast: an object may be asked for any key
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const parsed = (value: string): unknown => {
  try {
    const read: unknown = JSON.parse(value);
    return read;
  } catch {
    return value;
  }
};

/** A message's JSON, line by line, each with the pointer of what stands on it; null: it is no JSON. */
export function jsonLines(data: string): { depth: number; text: string; pointer: string | null; value: string }[] | null {
  let root: unknown;
  try {
    root = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof root !== 'object' || root === null) return null;
  const lines: { depth: number; text: string; pointer: string | null; value: string }[] = [];
  const walk = (value: unknown, depth: number, pointer: string, head: string, tail: string): void => {
    if (lines.length > 400) return;
    if (typeof value !== 'object' || value === null) {
      const text = JSON.stringify(value);
      lines.push({ depth, text: `${head}${text.length > 200 ? `${text.slice(0, 199)}…` : text}${tail}`, pointer, value: typeof value === 'string' ? value : text });
      return;
    }
    const list = Array.isArray(value);
    const entries = Object.entries(value);
    if (entries.length === 0) return void lines.push({ depth, text: `${head}${list ? '[]' : '{}'}${tail}`, pointer, value: '' });
    lines.push({ depth, text: `${head}${list ? '[' : '{'}`, pointer: null, value: '' });
    entries.forEach(([key, inner], i) => {
      const part = key.replaceAll('~', '~0').replaceAll('/', '~1');
      walk(inner, depth + 1, `${pointer}/${part}`, list ? '' : `${JSON.stringify(key)}: `, i < entries.length - 1 ? ',' : '');
    });
    lines.push({ depth, text: `${list ? ']' : '}'}${tail}`, pointer: null, value: '' });
  };
  walk(root, 0, '', '', '');
  return lines;
} // prettier-ignore
