import type { RunModel, Condition, Sleep } from '../model/run-model.ts';
import { hostSleepTitle } from '../../shared/host-sleep.ts';
import { seconds } from '../ui/format.ts';
import type { TimeAxis } from './axis.ts';
import { FONT } from './fonts.ts';
import type { MeasureText, Span, HitArea } from './marks.ts';

/** The rows above the lanes: conditions, sleeps and published events. */
export interface HeadMarks {
  segments: (Span & { fault: boolean })[];
  labels: { x: number; text: string; strong: boolean }[];
  /** A setting's own small bar. */
  bars: number[];
  /** Where the conditions changed: a dashed line through everything. */
  conditionChanges: number[];
  /** `beside`: the label stands right of its stretch, which is too short for it. */
  sleeps: (Span & { label: string | null; beside: boolean; sleep: Sleep })[];
  /** Faint where the publishing itself was not seen. */
  published: { x: number; faint: boolean }[];
  publishedColumns: { x: number; strength: number }[];
  hitAreas: HitArea[];
}

export const HEAD_LAYOUT = { height: 60, axis: 10, top: 24, row: 16, middle: 32.5, published: 50 };

const DENSE_PER_PX = 0.4;

export function layoutHead(run: RunModel, axis: TimeAxis, measure: MeasureText): HeadMarks {
  const marks: HeadMarks = {
    segments: [],
    labels: [],
    bars: [],
    conditionChanges: [],
    sleeps: [],
    published: [],
    publishedColumns: [],
    hitAreas: [],
  };
  layoutSleeps(run, axis, measure, marks);
  layoutConditions(run, axis, measure, marks);
  layoutPublished(run, axis, marks);
  return marks;
}

function layoutConditions(run: RunModel, axis: TimeAxis, measure: MeasureText, marks: HeadMarks): void {
  const all = run.conditions.items;
  for (let i = 0; i < all.length; i++) {
    const c = all[i]!;
    const end = all[i + 1]?.at ?? axis.to;
    if (end < axis.from || c.at > axis.to) continue;
    const x0 = Math.max(axis.x(c.at), 0);
    const x1 = Math.min(axis.x(Math.min(end, axis.to)), axis.nowX);
    if (c.kind === 'path' || i === 0) {
      const next = all.slice(i + 1).find((o) => o.kind === 'path');
      const until = Math.min(axis.x(Math.min(next?.at ?? axis.to, axis.to)), axis.nowX);
      marks.segments.push({ x0: x0 + 1, x1: until - 1, fault: c.label !== 'Direct' });
    } else if (marks.segments.length === 0) {
      const path = all.slice(0, i).findLast((o) => o.kind === 'path');
      const next = all.slice(i + 1).find((o) => o.kind === 'path');
      const until = Math.min(axis.x(Math.min(next?.at ?? axis.to, axis.to)), axis.nowX);
      marks.segments.push({ x0: 1, x1: until - 1, fault: path !== undefined && path.label !== 'Direct' });
    }
    const seen = c.at >= axis.from;
    if (seen && i > 0) marks.conditionChanges.push(axis.x(c.at));
    if (seen && c.kind !== 'path') marks.bars.push(x0);
    layoutLabels(c, x0, x1, seen, measure, marks);
    if (c.observation && seen) {
      marks.hitAreas.push({
        x: x0 + 8,
        y: HEAD_LAYOUT.middle,
        halfHeight: 9,
        halfWidth: Math.max(8, Math.min(60, x1 - x0) / 2),
        priority: 3,
        at: c.at,
        fact: { kind: 'condition', condition: c },
      });
    }
  }
}

/** What changed stands at its moment; what holds is repeated after a sleep or at the edge. */
function layoutLabels(
  c: Condition,
  x0: number,
  x1: number,
  seen: boolean,
  measure: MeasureText,
  marks: HeadMarks,
): void {
  const free = subtract(
    x0,
    x1,
    marks.sleeps.map((s) => s),
  );
  free.forEach((span, i) => {
    const own = i === 0 && seen && span.x0 === x0;
    const strong = own && c.kind !== 'path';
    const choices = own ? (c.kind === 'path' ? [c.summary, c.label] : [c.label]) : [c.summary];
    const x = span.x0 + (strong ? 8 : 6);
    const text = choices.find((t) => x + measure(t, strong ? FONT.strong : FONT.label) + 4 <= span.x1);
    if (text !== undefined) marks.labels.push({ x, text, strong });
  });
}

function subtract(x0: number, x1: number, holes: readonly Span[]): Span[] {
  let from = x0;
  const free: Span[] = [];
  for (const hole of holes) {
    if (hole.x1 <= from || hole.x0 >= x1) continue;
    if (hole.x0 > from) free.push({ x0: from, x1: hole.x0 });
    from = hole.x1;
  }
  if (from < x1) free.push({ x0: from, x1 });
  return free;
}

function layoutSleeps(run: RunModel, axis: TimeAxis, measure: MeasureText, marks: HeadMarks): void {
  for (const sleep of run.sleeps.items) {
    const end = Math.min(sleep.to ?? axis.to, axis.to);
    if (end < axis.from || sleep.at > axis.to) continue;
    const x0 = Math.max(axis.x(sleep.at), 0);
    const x1 = Math.min(axis.x(end), axis.nowX);
    const label =
      sleep.what === 'host'
        ? hostSleepTitle(sleep.ms)
        : `Sleep ${seconds((sleep.to !== null && sleep.to <= axis.to ? sleep.to : axis.to) - sleep.at)}`;
    const fits = measure(label, FONT.strong) + 12 <= x1 - x0;
    // engine time stands still while the machine sleeps: no stretch has room for the words, so they stand beside it
    const beside = sleep.what === 'host' && !fits;
    marks.sleeps.push({ x0, x1, label: fits || beside ? label : null, beside, sleep });
    marks.hitAreas.push({
      x: (x0 + x1) / 2,
      y: HEAD_LAYOUT.middle,
      halfHeight: 9,
      halfWidth: (x1 - x0) / 2,
      priority: 4,
      at: sleep.at,
      fact: { kind: 'sleep', sleep, now: axis.to },
    });
  }
}

function layoutPublished(run: RunModel, axis: TimeAxis, marks: HeadMarks): void {
  const { published } = run;
  const inSight = published.items.length - published.indexFrom(axis.from);
  if (inSight > axis.nowX * DENSE_PER_PX || published.completeFrom > axis.from) {
    const counts = new Map<number, number>();
    const visit = (at: number, count: number): void => {
      const x = axis.x(at) & ~1;
      counts.set(x, (counts.get(x) ?? 0) + count);
    };
    run.publishedDensity.between(axis.from, axis.to, visit, 2 * axis.msPerPx);
    for (const [x, n] of counts) {
      marks.publishedColumns.push({ x, strength: Math.min(1, 0.3 + Math.log2(1 + n) / 8) });
    }
    return;
  }
  let last = -Infinity;
  published.forEachBetween(
    axis.from,
    axis.to,
    (publish) => {
      const exact = axis.x(publish.at);
      const x = Math.min(exact - last < 4 ? last + 4 : exact, axis.nowX - 1);
      if (x - exact > 12) return;
      last = x;
      marks.published.push({ x, faint: publish.seenBy !== null });
      marks.hitAreas.push({
        x,
        y: HEAD_LAYOUT.published,
        halfHeight: 8,
        halfWidth: 1,
        priority: 4,
        at: publish.at,
        fact: { kind: 'publish', publish },
      });
    },
    16,
  );
}
