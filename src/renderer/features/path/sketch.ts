import { METHOD_LABEL, type Method } from '../../../shared/catalog.ts';
import type { PathEnd } from '../../../shared/path/outcome.ts';
import { markOf } from './outcome-labels.ts';
import { heartbeatMs, isCut, lateUntil, type OutcomeRow } from './outcomes.ts';
import { durationLabel } from '../../ui/duration-label.ts';

/** What happens on one line of the sketch; every place is a share of the axis. */
export interface SketchLane {
  bands: { from: number; to: number; kind: 'open' | 'held' | 'lost' | 'line' }[];
  ticks: number[];
  polls: { at: number; full: boolean }[];
  heartbeats: number[];
  cuts: { at: number; mark: string }[];
  /** Instead of all that. */
  label: string;
}
export interface Sketch {
  axisMs: number;
  /** Of the right half; null where none helps. */
  heartbeatMs: number | null;
  rows: { method: Method; quiet: SketchLane; withHeartbeat: SketchLane }[];
  /** The same for those who listen. */
  ariaLabel: string;
}

const EVENT_AT = 0.1;
/** A client is back after its back-off: drawn wide enough to be seen. */
const RECONNECT_SHARE = 0.06;

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** A moment on an axis of this length: one unit for all of them, in which its quarters are round. */
export function axisLabel(ms: number, axisMs: number): string {
  const round = (size: number): boolean => axisMs >= 2 * size && (axisMs * 2.5) % size === 0;
  const [size, unit] = (axisMs > 120_000 ? UNITS.find(([size]) => round(size)) : undefined) ?? [1000, 's'];
  return ms === 0 ? '0' : `${Number((ms / size).toFixed(2))} ${unit}`;
}

/** @returns null where nothing is ended: there is nothing to draw */
export function sketchOf(outcomes: readonly OutcomeRow[]): Sketch | null {
  const cuts = outcomes.flatMap((o) => (isCut(o) ? [{ ...o, afterMs: o.end!.afterMs! }] : []));
  if (cuts.length === 0) return null;
  const shortest = Math.min(...cuts.map((o) => o.afterMs));
  const axisMs = shortest * 2;
  const periods = cuts.flatMap((o) => heartbeatMs(o) ?? []);
  const everyMs = periods.length > 0 ? Math.min(...periods) : null;
  const rows = outcomes.map((o) => ({
    method: o.method,
    quiet: laneOf(o, axisMs, null),
    withHeartbeat: laneOf(o, axisMs, everyMs ?? shortest / 2),
  }));
  const ariaLabel = cuts
    .map((o) => `${METHOD_LABEL[o.method]}: ${o.mark} after ${durationLabel(o.afterMs)}; ${o.cure}`)
    .join('. ');
  return { axisMs, heartbeatMs: everyMs, rows, ariaLabel };
}

/** @param everyMs a heartbeat, or an answer to a held poll; null: nothing is sent */
function laneOf(o: OutcomeRow, axisMs: number, everyMs: number | null): SketchLane {
  const lane: SketchLane = { bands: [], ticks: [], polls: [], heartbeats: [], cuts: [], label: '' };
  const late = lateUntil(o);
  if (o.fate === 'unknown' && late === null) return { ...lane, label: 'unknown' };
  if (o.fate === 'blocked') {
    const others = o.method === 'websocket' && o.cures.some(({ by }) => by === 'another-method');
    return { ...lane, label: others ? 'never opens' : 'nothing gets through' };
  }
  if (o.method === 'short-polling') return shortPolls(lane);
  if (late === null) lane.ticks.push(EVENT_AT);
  // With the next piece it comes after all.
  else if (late === 'next' && everyMs !== null) lane.ticks.push(EVENT_AT + everyMs / axisMs);
  const first = o.method === 'long-polling' ? 'held' : 'open';
  lane.bands.push({ from: 0, to: EVENT_AT, kind: 'open' });
  const end = everyMs !== null && isSaved(o) ? o.lasts : o.end;
  const at = end ? endAt(end, axisMs, everyMs) : 1;
  if (o.method === 'long-polling' && everyMs !== null && at >= 1) {
    for (let from = EVENT_AT; from < 1; from += everyMs / axisMs) {
      lane.bands.push({ from: from + 0.004, to: Math.min(1, from + everyMs / axisMs), kind: 'held' });
    }
    return lane;
  }
  if (at >= 1) lane.bands.push({ from: EVENT_AT, to: 1, kind: first });
  else {
    lane.bands.push({ from: EVENT_AT, to: at, kind: first });
    const sees = end?.sees ?? null;
    lane.cuts.push({ at, mark: o.method === 'websocket' && sees === 'fin' ? '1006' : markOf(sees) });
    const unseen = sees === 'silence';
    const from = unseen ? at : at + RECONNECT_SHARE;
    lane.bands.push({ from, to: 1, kind: unseen ? 'lost' : first });
  }
  if (everyMs !== null && (late === null || late === 'next')) {
    for (let t = EVENT_AT + everyMs / axisMs; t < 0.98; t += everyMs / axisMs) {
      const away = lane.cuts.some((c) => t > c.at - 0.02 && t < c.at + RECONNECT_SHARE + 0.02);
      if (!away) lane.heartbeats.push(t);
    }
  }
  return lane;
}

/** What is sent from time to time keeps it, for as long as can be seen. */
const isSaved = ({ cures }: OutcomeRow): boolean => cures.some(({ by }) => by === 'heartbeat' || by === 'shorter-hold');

/** Where on the axis it ends; beyond it where nothing does. */
function endAt({ when, afterMs }: PathEnd, axisMs: number, everyMs: number | null): number {
  // An age is counted from the beginning, silence from the event.
  if (when.on === 'age') return when.ms / axisMs;
  if (when.on !== 'write') return EVENT_AT + (afterMs ?? Infinity) / axisMs;
  return everyMs === null ? Infinity : EVENT_AT + (Math.ceil(when.ms / everyMs) * everyMs) / axisMs;
}

function shortPolls(lane: SketchLane): SketchLane {
  lane.bands.push({ from: 0, to: 1, kind: 'line' });
  for (let i = 0; i < 10; i++) lane.polls.push({ at: 0.05 + i * 0.1, full: i === 1 });
  return lane;
}
