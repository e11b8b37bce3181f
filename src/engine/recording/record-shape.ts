import type { Observation, ObservationType } from '../../shared/observation.ts';

/** `?`: null, or left out. `or null`: there, though it may be null. */
type Kind = 'text' | 'number' | 'flag' | 'list' | 'record' | 'text?' | 'number?' | 'number or null';

/** What a record of each type must have, so that whoever reads it need not ask. Types that are not here come as they are. */
const FIELDS: Partial<Record<ObservationType, Record<string, Kind>>> = {
  run: { target: 'record', lanes: 'list', via: 'list', seed: 'number', timeScale: 'number', start: 'text?' },
  state: { from: 'text', to: 'text', reason: 'text' },
  request: { id: 'number', method: 'text', url: 'text' },
  response: { id: 'number', status: 'number', bytes: 'number', took: 'number', empty: 'flag' },
  event: { event: 'text', bytes: 'number', latency: 'number?', duplicate: 'flag', cursor: 'text?' },
  heartbeat: { kind: 'text', dir: 'text' },
  drop: { evidence: 'text', by: 'text', silence: 'number', detected: 'number?' },
  ended: { by: 'text', reason: 'text?' },
  reconnect: { attempt: 'number', delay: 'number', cursor: 'text?' },
  resume: { sent: 'text?', first: 'text?', missed: 'number or null', repeated: 'number or null' },
  gap: { from: 'text?', to: 'text?', missed: 'number?', reason: 'text' },
  scenario: { phase: 'text', name: 'text' },
  lane: { action: 'text', method: 'text', url: 'text', name: 'text?', client: 'record', order: 'list' },
  notice: { level: 'text', code: 'text', message: 'text' },
  summary: { lanes: 'record' },
};

/** The fields within: of each lane of a run, of each lane of a summary, of a run's target. */
const LANE = { id: 'text', method: 'text', url: 'text' } as const;
const TARGET = { name: 'text', dialect: 'text', base: 'text?' } as const;
const LANE_SUMMARY = { received: 'number?', unique: 'number?', duplicates: 'number?', missed: 'number?' } as const;

/** The first thing that a record lacks, by its path: `lanes.sse`; null when it is whole. */
export function lacking(o: Observation): string | null {
  const record: Record<string, unknown> = { ...o }; // by name: its type promises what is to be looked at here
  const missing = lackingOf(record, FIELDS[o.type] ?? {});
  if (missing !== null) return missing;
  if (o.type === 'run') {
    const target = lackingOf(record['target'], TARGET);
    if (target !== null) return `target.${target}`;
    return firstLacking(o.lanes, LANE, 'lanes') ?? textsOnly(o.via, 'via');
  }
  if (o.type === 'summary') return firstLacking(o.lanes, LANE_SUMMARY, 'lanes');
  return null;
}

function firstLacking(of: object, fields: Record<string, Kind>, path: string): string | null {
  for (const [key, inner] of Object.entries(of)) {
    const missing = lackingOf(inner, fields);
    if (missing !== null) return `${path}.${key}.${missing}`;
  }
  return null;
}

const textsOnly = (of: readonly unknown[], path: string): string | null =>
  of.every((one) => typeof one === 'string') ? null : path;

function lackingOf(of: unknown, fields: Record<string, Kind>): string | null {
  if (typeof of !== 'object' || of === null) return Object.keys(fields)[0] ?? null;
  const record: Record<string, unknown> = { ...of };
  return Object.keys(fields).find((name) => !IS[fields[name]!](record[name])) ?? null;
}

const IS: Record<Kind, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  number: Number.isFinite,
  flag: (value) => typeof value === 'boolean',
  list: Array.isArray,
  record: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'text?': (value) => value === null || value === undefined || typeof value === 'string',
  'number?': (value) => value === null || value === undefined || Number.isFinite(value),
  'number or null': (value) => value === null || Number.isFinite(value),
};
