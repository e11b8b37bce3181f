/** A scenario as tracks on a time axis. What lasts is a bar; where it ends by itself, the bar says so. Pure. */
import { parseVia } from '../path/text.ts';
import { DEFAULTS } from '../defaults.ts';
import type { Scenario, ScenarioStep } from '../scenario/schema.ts';
import type { Setting } from '../setting.ts';
import { assignRows } from './rows.ts';

export type TrackId = 'path' | 'clients' | 'server' | 'events' | 'settings';
const TRACKS: readonly TrackId[] = ['path', 'clients', 'server', 'events', 'settings'];

const TRACK_OF: Record<ScenarioStep['do'], TrackId> = {
  fault: 'path',
  clear: 'path',
  sleep: 'clients',
  offline: 'clients',
  cut: 'clients',
  'restart-server': 'server',
  'kill-server': 'server',
  'lose-log': 'server',
  publish: 'events',
  set: 'settings',
};

export interface TrackItem {
  /** Stays the same while the step is dragged: `3`, `3.heartbeat`, `base`. */
  key: string;
  /** Which entry of the schedule; null for how the run begins. */
  step: number | null;
  /** The step itself; null for how the run begins. */
  is: ScenarioStep | null;
  /** What of it, where one step sets several things: `path`, `heartbeat`. */
  part: string | null;
  /** What it says, for how the run begins and for settings. */
  value: string | null;
  /** The same of a setting, as values; null for a path. */
  setting: Setting | null;
  at: number;
  /** Where its effect ends; null is a moment. */
  end: number | null;
  /** It has no end of its own: it lasts until something else, or to the end. */
  open: boolean;
  /** Times of its single events, where there are several. */
  beats: number[];
  row: number;
}

export interface Track {
  id: TrackId;
  rows: number;
  items: TrackItem[];
}

export interface Board {
  durationMs: number;
  /** Where the last thing ends, or the storyboard: what has to be in sight. */
  reachMs: number;
  tracks: Track[];
}

/** More single events than this are drawn as a bar alone. */
const MAX_BEATS = 200;
const KILL_MS = 5000;

/** @param minMs how long a moment is on the screen, so that two do not overlap */
export function boardOf(s: Scenario, minMs = 0): Board {
  const steps = s.schedule ?? [];
  const reachMs = Math.max(s.duration, ...steps.map((step) => step.at));
  const items: Record<TrackId, TrackItem[]> = { path: pathItems(s), clients: [], server: [], events: [], settings: settingItems(s) }; // prettier-ignore
  for (const [i, step] of steps.entries()) {
    const track = TRACK_OF[step.do];
    if (track === 'path' || track === 'settings') continue;
    items[track].push(itemOf(step, i, s.duration));
  }
  const tracks = TRACKS.map((id): Track => {
    // what stands from the beginning has a row of its own for each thing it is about
    const fixedRows = id === 'settings' ? settingRows(items[id]) : id === 'path' ? (items[id].some(isBase) ? 1 : 0) : 0;
    const stackable = items[id].filter((item) => !hasFixedRow(id, item));
    const rows = assignRows(stackable, minMs, fixedRows);
    return { id, items: items[id], rows: Math.max(1, rows) };
  });
  return { durationMs: s.duration, reachMs, tracks };
}

const isBase = (item: TrackItem): boolean => item.part === 'path';
const hasFixedRow = (id: TrackId, item: TrackItem): boolean => id === 'settings' || isBase(item);

function itemOf(step: ScenarioStep, i: number, duration: number): TrackItem {
  const item = newItem(String(i), i, step);
  switch (step.do) {
    case 'sleep':
      return { ...item, end: step.at + step.for };
    case 'offline':
      return { ...item, end: step.for === undefined ? Math.max(duration, step.at) : step.at + step.for, open: step.for === undefined }; // prettier-ignore
    case 'kill-server':
      return { ...item, end: step.at + (step.for ?? KILL_MS) };
    case 'publish': {
      const { count = 1, every = 0 } = step;
      if (count === 1 || every === 0) return item;
      const beats = count > MAX_BEATS ? [] : Array.from({ length: count }, (_, n) => step.at + n * every);
      return { ...item, end: step.at + (count - 1) * every, beats };
    }
    default:
      return item;
  }
}

const newItem = (key: string, step: number | null, entry: ScenarioStep | null): TrackItem => {
  return {
    key,
    step,
    is: entry,
    part: null,
    value: null,
    setting: null,
    at: entry?.at ?? 0,
    end: null,
    open: false,
    beats: [],
    row: 0,
  };
};

/** The path to begin with and each that takes its place, the faults upon it, and what takes them off. */
function pathItems(s: Scenario): TrackItem[] {
  const via = s.path ?? [];
  let base: TrackItem = {
    ...newItem('base', null, null),
    part: 'path',
    value: via.join(' + ') || 'direct',
    open: true,
  };
  const items = [base];
  /** What lies on the path, with the names it bears. */
  let activeFaults: { item: TrackItem; names: string[] }[] = [];
  let names = via.flatMap(stepNames);
  const removeFaults = (isRemoved: (name: string) => boolean, at: number): void => {
    for (const one of activeFaults) {
      if (one.item.end! <= at || !one.names.some(isRemoved)) continue;
      one.names = one.names.filter((name) => !isRemoved(name));
      if (one.names.length === 0) Object.assign(one.item, { end: at, open: true });
    }
    activeFaults = activeFaults.filter((one) => one.names.length > 0);
  };
  const startBase = (item: TrackItem, at: number): void => {
    base.end = at;
    base = item;
    items.push(item);
  };
  for (const [i, step] of stepsByTime(s)) {
    if (step.do === 'fault') {
      const open = step.for === undefined;
      const item = {
        ...newItem(String(i), i, step),
        end: open ? Math.max(s.duration, step.at) : step.at + step.for!,
        open,
      };
      items.push(item);
      activeFaults.push({ item, names: stepNames(step.via) });
    } else if (step.do === 'clear') {
      const gone = (name: string): boolean => step.via === undefined || name === step.via;
      items.push(newItem(String(i), i, step));
      removeFaults(gone, step.at);
      const left = names.filter((name) => !gone(name));
      if (left.length < names.length) {
        startBase(
          { ...newItem(`${i}.path`, i, step), part: 'path', value: left.join(' + ') || 'direct', open: true },
          step.at,
        );
      }
      names = left;
    } else if (step.do === 'set' && step.path !== undefined) {
      removeFaults(() => true, step.at);
      names = step.path.flatMap(stepNames);
      startBase(
        { ...newItem(`${i}.path`, i, step), part: 'path', value: step.path.join(' + ') || 'direct', open: true },
        step.at,
      );
    }
  }
  base.end = Math.max(s.duration, base.at);
  return items;
}

const stepNames = (via: string): string[] =>
  parseVia(via)
    .map((step) => step.name)
    .filter((name) => name !== 'direct');

/** One after the other; of those at the same time, the first in the file first. */
const stepsByTime = (s: Scenario): [number, ScenarioStep][] =>
  [...(s.schedule ?? []).entries()].toSorted(([, a], [, b]) => a.at - b.at);

/** What a setting is when nobody has set it. */
function initialSetting(s: Scenario, part: SettingPart): Setting {
  const { heartbeat = DEFAULTS.heartbeatMs, workload = 'none', rate } = s.server ?? {};
  switch (part) {
    case 'heartbeat':
      return { name: 'heartbeat', everyMs: heartbeat === 'off' ? null : heartbeat };
    case 'workload':
      return { name: 'workload', workload, rate: rate ?? null };
    case 'pongs':
      return { name: 'pongs', answered: true };
  }
}

/** Each setting that the schedule touches is a line of bars, from how the run begins to the end. */
function settingItems(s: Scenario): TrackItem[] {
  const items: TrackItem[] = [];
  const now = new Map<string, TrackItem>();
  const set = (i: number, step: ScenarioStep, part: SettingPart, setting: Setting): void => {
    let before = now.get(part);
    if (!before) {
      before = { ...newItem(`base.${part}`, null, null), part, ...settingFields(initialSetting(s, part)), open: true };
      items.push(before);
    }
    before.end = step.at;
    const end = Math.max(s.duration, step.at);
    const item = { ...newItem(`${i}.${part}`, i, step), part, ...settingFields(setting), open: true, end };
    items.push(item);
    now.set(part, item);
  };
  for (const [i, step] of stepsByTime(s)) {
    if (step.do !== 'set') continue;
    const { heartbeat, workload, rate, pongs } = step;
    if (heartbeat !== undefined)
      set(i, step, 'heartbeat', { name: 'heartbeat', everyMs: heartbeat === 'off' ? null : heartbeat });
    if (workload !== undefined || rate !== undefined) {
      set(i, step, 'workload', { name: 'workload', workload: workload ?? null, rate: rate ?? null });
    }
    if (pongs !== undefined) set(i, step, 'pongs', { name: 'pongs', answered: pongs });
    const nothing = [heartbeat, workload, rate, pongs, step.path].every((value) => value === undefined);
    if (nothing) items.push(newItem(String(i), i, step)); // it has to be seen to be mended
  }
  return items;
}

const PARTS = ['heartbeat', 'workload', 'pongs'] as const;
type SettingPart = (typeof PARTS)[number];

/** A setting's values, and the text it has in the file. */
function settingFields(setting: Setting): { setting: Setting; value: string } {
  return { setting, value: settingText(setting) };
}
function settingText(setting: Setting): string {
  switch (setting.name) {
    case 'heartbeat':
      return setting.everyMs === null ? 'off' : String(setting.everyMs);
    case 'workload':
      return [setting.workload, setting.rate].filter((part) => part !== null).join(' ');
    case 'pongs':
      return String(setting.answered);
    default:
      return setting.name;
  }
}

function settingRows(items: TrackItem[]): number {
  const used: string[] = PARTS.filter((part) => items.some((item) => item.part === part));
  for (const item of items) item.row = item.part === null ? used.length : used.indexOf(item.part);
  return used.length + (items.some((item) => item.part === null) ? 1 : 0);
}
