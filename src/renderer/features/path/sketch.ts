import { METHOD_LABEL, type Method } from '../../../shared/catalog.ts';
import type { Outcome } from './outcomes.ts';
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
  /** The beat of the right half; null where none helps. */
  heartbeatMs: number | null;
  rows: { method: Method; quiet: SketchLane; beaten: SketchLane }[];
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
export function sketchOf(outcomes: readonly Outcome[]): Sketch | null {
  const cuts = outcomes.filter((o) => o.kind === 'cut' && o.afterMs !== null);
  if (cuts.length === 0) return null;
  const shortest = Math.min(...cuts.map((o) => o.afterMs!));
  const axisMs = shortest * 2;
  const beats = cuts.flatMap((o) => (o.beatMs === null ? [] : [o.beatMs]));
  const beatMs = beats.length > 0 ? Math.min(...beats) : null;
  const rows = outcomes.map((o) => ({
    method: o.method,
    quiet: laneOf(o, axisMs, null),
    beaten: laneOf(o, axisMs, beatMs ?? shortest / 2),
  }));
  const said = cuts
    .map((o) => `${METHOD_LABEL[o.method]}: ${o.mark} after ${durationLabel(o.afterMs!)}; ${o.cure}`)
    .join('. ');
  return { axisMs, heartbeatMs: beatMs, rows, ariaLabel: said };
}

function laneOf(o: Outcome, axisMs: number, heartbeatMs: number | null): SketchLane {
  const lane: SketchLane = { bands: [], ticks: [], polls: [], heartbeats: [], cuts: [], label: '' };
  if (o.kind === 'unknown') return { ...lane, label: 'unknown' };
  if (o.kind === 'held' && o.afterMs === null && o.late === null) {
    return { ...lane, label: /never opens/i.test(o.silent) ? 'never opens' : 'nothing gets through' };
  }
  if (o.method === 'short-polling') return shortPolls(lane);
  if (o.late === null) lane.ticks.push(EVENT_AT);
  // With the next piece it comes after all.
  else if (o.late === 'one-behind' && heartbeatMs !== null) lane.ticks.push(EVENT_AT + heartbeatMs / axisMs);
  const survives = heartbeatMs !== null && (o.method === 'long-polling' ? true : o.beatMs !== null);
  const limit = o.kind === 'cut' ? o.afterMs! / axisMs : Infinity;
  const first = o.method === 'long-polling' ? 'held' : 'open';
  lane.bands.push({ from: 0, to: EVENT_AT, kind: 'open' });
  if (o.method === 'long-polling' && heartbeatMs !== null) {
    for (let at = EVENT_AT; at < 1; at += heartbeatMs / axisMs) {
      lane.bands.push({ from: at + 0.004, to: Math.min(1, at + heartbeatMs / axisMs), kind: 'held' });
    }
    return lane;
  }
  // An age is counted from the beginning, silence from the event.
  const at = (o.aged ? 0 : EVENT_AT) + limit;
  if (survives || at >= 1) lane.bands.push({ from: EVENT_AT, to: 1, kind: first });
  else {
    lane.bands.push({ from: EVENT_AT, to: at, kind: first });
    lane.cuts.push({ at, mark: o.method === 'websocket' && o.mark === 'FIN' ? '1006' : o.mark });
    const unseen = o.mark === 'Silence';
    lane.bands.push({
      from: unseen ? at : at + RECONNECT_SHARE,
      to: 1,
      kind: unseen ? 'lost' : first === 'held' ? 'held' : 'open',
    });
  }
  if (heartbeatMs !== null && (o.late === null || o.late === 'one-behind')) {
    for (let t = EVENT_AT + heartbeatMs / axisMs; t < 0.98; t += heartbeatMs / axisMs) {
      const away = lane.cuts.some((c) => t > c.at - 0.02 && t < c.at + RECONNECT_SHARE + 0.02);
      if (!away) lane.heartbeats.push(t);
    }
  }
  return lane;
}

function shortPolls(lane: SketchLane): SketchLane {
  lane.bands.push({ from: 0, to: 1, kind: 'line' });
  for (let i = 0; i < 10; i++) lane.polls.push({ at: 0.05 + i * 0.1, full: i === 1 });
  return lane;
}
