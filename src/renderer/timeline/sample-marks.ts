import { emptyMarks, type LaneGeometry, type LaneMarks } from './marks.ts';

export interface SampleMark {
  id: string;
  hue: 'short' | 'long' | 'sse';
  title: string;
  text: string;
  marks: Partial<LaneMarks>;
  heartbeats?: true;
  asleep?: true;
  changed?: true;
}

const W = 92;
export const SAMPLE_SIZE = { width: W, height: 30 };
export const SAMPLE_BOX: LaneGeometry = { height: 30, top: 9, band: 15, middle: 16.5, heartbeatY: 22, labelY: 4 };

const open = [{ x0: 0, x1: W }];
const drop = { x: 44, label: null, quiet: false };

/** Each mark of the ribbons once, for the legend, drawn by what draws them. */
export const SAMPLE_MARKS: readonly SampleMark[] = [
  { id: 'open', hue: 'sse', title: 'Connected', text: 'with an event received at each tick', marks: { openPeriods: open, ticks: [18, 44, 70].map((x) => ({ x, twin: false })) } },
  { id: 'poll', hue: 'short', title: 'Poll', text: 'with news, and without', marks: { baseline: open, shortPolls: [{ x: 24, w: 6, full: true, label: null }, { x: 64, w: 6, full: false, label: null }] } },
  { id: 'held', hue: 'long', title: 'Held request', text: 'empty; then one ended by an event', marks: { longPolls: [{ x0: 0, x1: 44, kind: 'empty', label: null }, { x0: 46, x1: 90, kind: 'news', label: null }], ticks: [{ x: 90, twin: false }] } },
  { id: 'beat', hue: 'sse', title: 'Heartbeat', text: 'comment, ping or pong', marks: { heartbeats: [24, 66] }, heartbeats: true },
  { id: 'drop', hue: 'sse', title: 'Drop', text: 'its evidence to the left; Enter opens its card', marks: { openPeriods: [{ x0: 0, x1: 44 }], drops: [drop] } },
  { id: 'reconnect', hue: 'sse', title: 'Reconnect', text: 'with the cursor it asked from', marks: { openPeriods: [{ x0: 0, x1: 30 }, { x0: 62, x1: W }], recoveries: [{ x0: 30, x1: 62, done: true, from: null, mono: false, loss: null }] } },
  { id: 'gap', hue: 'sse', title: 'Gap', text: 'so many events never came', marks: { openPeriods: open, gaps: [{ x0: 32, x1: 60, label: '3' }] } },
  { id: 'repeat', hue: 'sse', title: 'Repeat', text: 'the same event again', marks: { openPeriods: open, ticks: [{ x: 44, twin: true }] } },
  { id: 'asleep', hue: 'sse', title: 'Asleep', text: 'the client, or this machine, was not running', marks: {}, asleep: true },
  { id: 'late', hue: 'sse', title: 'Late', text: 'from published to received', marks: { ticks: [{ x: 70, twin: false }], late: [{ x0: 12, x1: 70, y: 26 }] } },
  { id: 'silence', hue: 'sse', title: 'Silence', text: 'that ended a connection, and how long it was', marks: { openPeriods: [{ x0: 0, x1: 82 }], silences: [{ x0: 4, x1: 80, label: '10 s' }] } },
  { id: 'changed', hue: 'sse', title: 'The conditions changed', text: 'here, for all lanes', marks: {}, changed: true },
]; // prettier-ignore

export const sampleMarks = (sample: SampleMark): LaneMarks => ({ ...emptyMarks(), ...sample.marks });
