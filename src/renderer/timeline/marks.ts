import type { HeartbeatMark, Recovery, DropMark, EventMark, GapMark, Poll, PublishMark } from '../model/lane-marks.ts';
import type { LaneModel } from '../model/lane-model.ts';
import type { Condition, Sleep } from '../model/run-model.ts';

/** The model object behind a mark; its tooltip text is made on hover. */
export type MarkFact =
  | { kind: 'event'; event: EventMark }
  | { kind: 'event-group'; at: number; count: number; repeated: number; ms: number }
  | { kind: 'poll'; poll: Poll; lane: LaneModel }
  | { kind: 'heartbeat'; heartbeat: HeartbeatMark }
  | { kind: 'drop'; drop: DropMark; lane: LaneModel }
  | { kind: 'recovery'; recovery: Recovery }
  | { kind: 'gap'; gap: GapMark }
  | { kind: 'publish'; publish: PublishMark }
  | { kind: 'condition'; condition: Condition }
  | { kind: 'sleep'; sleep: Sleep; now: number };

/** Where a mark can be pointed at. */
export interface HitArea {
  x: number;
  y: number;
  /** Half its height. */
  halfHeight: number;
  /** Half its width, for marks that are wide. */
  halfWidth: number;
  /** Higher wins when two are equally near: loss, then events, then heartbeats. */
  priority: number;
  at: number;
  fact: MarkFact;
}

export interface Span {
  x0: number;
  x1: number;
}

/** Everything one lane's ribbon shows, in pixels. */
export interface LaneMarks {
  openPeriods: Span[];
  /** A polling lane's thin line between polls. */
  baseline: Span[];
  longPolls: (Span & { kind: 'news' | 'open' | 'empty'; label: string | null })[];
  shortPolls: { x: number; w: number; full: boolean; label: string | null }[];
  ticks: { x: number; twin: boolean }[];
  columns: { x: number; w: number; strength: number; repeated: boolean }[];
  late: (Span & { y: number })[];
  heartbeats: number[];
  drops: { x: number; label: string | null; quiet: boolean }[];
  recoveries: (Span & { done: boolean; from: string | null; mono: boolean; loss: string | null })[];
  gaps: (Span & { label: string | null })[];
  silences: (Span & { label: string })[];
  hitAreas: HitArea[];
}

export const emptyMarks = (): LaneMarks => ({
  openPeriods: [],
  baseline: [],
  longPolls: [],
  shortPolls: [],
  ticks: [],
  columns: [],
  late: [],
  heartbeats: [],
  drops: [],
  recoveries: [],
  gaps: [],
  silences: [],
  hitAreas: [],
});

/** Where things stand within a lane of some height. */
export interface LaneGeometry {
  height: number;
  /** Top, height and middle of the band. */
  top: number;
  band: number;
  middle: number;
  /** The heartbeats' own line. */
  heartbeatY: number;
  /** Middle of the row of labels above the band. */
  labelY: number;
}

/** A lane lower than this has room for its band alone. */
const STRIP_HEIGHT = 60;

function stripGeometry(height: number): LaneGeometry {
  const band = 16;
  const top = Math.round((height - band) / 2);
  return { height, top, band, middle: top + band / 2, heartbeatY: height + 40, labelY: -40 }; // out of the picture
}

export function laneGeometry(height: number): LaneGeometry {
  if (height < STRIP_HEIGHT) return stripGeometry(height);
  const band = height > 104 ? 34 : 28;
  const top = Math.round(height / 2 - band / 2 + 3);
  return { height, top, band, middle: top + band / 2, heartbeatY: top + band + 15, labelY: top - 11 };
}

/** Width of a text in pixels; the fonts are those of `fonts.ts`. */
export type MeasureText = (text: string, font: string) => number;
