import type {
  BeatMark,
  Bridge,
  DropMark,
  EventMark,
  GapMark,
  Poll,
  PublishMark,
} from '../../stores/model/lane-marks.ts';
import type { LaneTrack } from '../../stores/model/lane-track.ts';
import type { Condition, Sleep } from '../../stores/model/run-track.ts';

/** What a mark stands for; the words are made when somebody points at it. */
export type Meaning =
  | { kind: 'event'; event: EventMark }
  | { kind: 'many'; at: number; count: number; repeated: number; ms: number }
  | { kind: 'poll'; poll: Poll; lane: LaneTrack }
  | { kind: 'beat'; beat: BeatMark }
  | { kind: 'drop'; drop: DropMark; lane: LaneTrack }
  | { kind: 'bridge'; bridge: Bridge }
  | { kind: 'gap'; gap: GapMark }
  | { kind: 'publish'; publish: PublishMark }
  | { kind: 'condition'; condition: Condition }
  | { kind: 'sleep'; sleep: Sleep; now: number };

/** Where a mark can be pointed at. */
export interface Spot {
  x: number;
  y: number;
  /** Half its height. */
  reach: number;
  /** Half its width, for marks that are wide. */
  half: number;
  /** Which wins when two are as near: loss before news before pulse. */
  weight: number;
  at: number;
  means: Meaning;
}

export interface Span {
  x0: number;
  x1: number;
}

/** Everything one lane's ribbon shows, in pixels. */
export interface LaneMarks {
  bands: Span[];
  /** A polling lane's thin line between polls. */
  line: Span[];
  boxes: (Span & { kind: 'news' | 'open' | 'empty'; label: string | null })[];
  blocks: { x: number; w: number; full: boolean; label: string | null }[];
  ticks: { x: number; twin: boolean }[];
  columns: { x: number; w: number; strength: number; repeated: boolean }[];
  late: (Span & { y: number })[];
  beats: number[];
  drops: { x: number; label: string | null; quiet: boolean }[];
  bridges: (Span & { done: boolean; from: string | null; mono: boolean; loss: string | null })[];
  holes: (Span & { label: string | null })[];
  silences: (Span & { label: string })[];
  spots: Spot[];
}

export const noMarks = (): LaneMarks => ({
  bands: [],
  line: [],
  boxes: [],
  blocks: [],
  ticks: [],
  columns: [],
  late: [],
  beats: [],
  drops: [],
  bridges: [],
  holes: [],
  silences: [],
  spots: [],
});

/** Where things stand within a lane of some height. */
export interface LaneBox {
  height: number;
  /** Top, height and middle of the band. */
  top: number;
  band: number;
  mid: number;
  /** The heartbeats' own line. */
  rail: number;
  /** Middle of the row of labels above the band. */
  label: number;
}

/** A lane lower than this has room for its band alone. */
const STRIP = 60;

function stripBox(height: number): LaneBox {
  const band = 16;
  const top = Math.round((height - band) / 2);
  return { height, top, band, mid: top + band / 2, rail: height + 40, label: -40 }; // out of the picture
}

export function laneBox(height: number): LaneBox {
  if (height < STRIP) return stripBox(height);
  const band = height > 104 ? 34 : 28;
  const top = Math.round(height / 2 - band / 2 + 3);
  return { height, top, band, mid: top + band / 2, rail: top + band + 15, label: top - 11 };
}

/** Width of a text in pixels; the fonts are those of `fonts.ts`. */
export type Measure = (text: string, font: string) => number;
