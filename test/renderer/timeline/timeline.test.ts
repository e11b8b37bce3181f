import { describe, expect, it } from 'vitest';
import type { Method } from '../../../src/shared/catalog.ts';
import { axisTicks, timeAxis } from '../../../src/renderer/timeline/axis.ts';
import { hitTest, nextMark } from '../../../src/renderer/timeline/hit-test.ts';
import { layoutHead } from '../../../src/renderer/timeline/layout-head.ts';
import { layoutLane } from '../../../src/renderer/timeline/layout-lane.ts';
import { laneGeometry, type LaneMarks, type MeasureText } from '../../../src/renderer/timeline/marks.ts';
import { LabelSlots } from '../../../src/renderer/timeline/label-slots.ts';
import { RunModel } from '../../../src/renderer/model/run-model.ts';
import { markTooltip } from '../../../src/renderer/timeline/mark-tooltip.ts';
import { tellStory } from '../demo/story.ts';
import { event, snapshot, START, teller } from '../helpers.ts';

const measure: MeasureText = (text) => text.length * 5;
const WIDTH = 880;

function storyAt(seconds: number, windowMs = 60_000): { run: RunModel; marks: (m: Method) => LaneMarks } {
  const recent = tellStory(START).filter((o) => o.at <= START + seconds * 1000);
  const run = new RunModel(snapshot({ recent, n: recent.length, now: START + seconds * 1000 }));
  const axis = timeAxis(START, START + seconds * 1000, windowMs, WIDTH);
  return {
    run,
    marks: (m) =>
      layoutLane({
        lane: run.lane(m)!,
        axis,
        box: laneGeometry(112),
        sleeps: run.sleeps.items,
        startedAt: START,
        measure,
      }),
  };
}

describe('the time axis', () => {
  it('puts now at its right and the window at its left', () => {
    const axis = timeAxis(START, START + 60_000, 60_000, WIDTH);
    expect(axis.x(START + 60_000)).toBe(axis.nowX);
    expect(Math.abs(axis.x(START))).toBeLessThanOrEqual(1);
  });

  it('scrolls all marks by the same whole pixels', () => {
    const times = [0, 137, 4211, 9000, 30_333, 59_000].map((t) => START + t);
    const before = timeAxis(START, START + 60_000, 60_000, WIDTH);
    for (const later of [13, 70, 333, 1000]) {
      const after = timeAxis(START, START + 60_000 + later, 60_000, WIDTH);
      expect(new Set(times.map((t) => before.x(t) - after.x(t))).size).toBe(1);
    }
  });

  it('labels round times, closer together the closer one looks', () => {
    const far = axisTicks(timeAxis(START, START + 600_000, 600_000, WIDTH), START).filter((t) => t.major);
    const near = axisTicks(timeAxis(START, START + 600_000, 15_000, WIDTH), START).filter((t) => t.major);
    expect(far.every((t) => t.at % 60_000 === 0)).toBe(true);
    expect(near.every((t) => t.at % 2000 === 0)).toBe(true);
    expect(far.length).toBeGreaterThan(3);
    expect(near.length).toBeGreaterThan(3);
  });
});

describe('a lane’s marks', () => {
  it('stand for what happened to a stream: band, ticks, cross with evidence, recovery with cursor', () => {
    const marks = storyAt(45).marks('sse');
    expect(marks.openPeriods).toHaveLength(2);
    expect(marks.drops).toEqual([expect.objectContaining({ label: 'FIN · idle 10.0 s', quiet: false })]);
    expect(marks.recoveries).toEqual([expect.objectContaining({ done: true, from: 'k3f9.412', loss: null })]);
    expect(marks.silences).toEqual([expect.objectContaining({ label: '10.0 s silence' })]);
    expect(marks.gaps).toEqual([]);
    expect(marks.ticks.length).toBe(13);
    expect(marks.heartbeats.length).toBeGreaterThan(0);
  });

  it('say how many were missed, where a subscription asked from now', () => {
    const marks = storyAt(45).marks('websocket');
    expect(marks.recoveries[0]).toMatchObject({ from: 'now', loss: '1 missed' });
    expect(marks.gaps).toHaveLength(1);
    const hole = marks.hitAreas.find((s) => s.fact.kind === 'gap')!;
    expect(markTooltip(hole.fact)).toMatchObject({ title: 'Gap, 1 missed', loss: true });
  });

  it('draw a short poll solid with news and hollow without, with a number over more than one', () => {
    const { shortPolls: blocks } = storyAt(30).marks('short-polling');
    expect(blocks.some((b) => !b.full)).toBe(true);
    expect(blocks.filter((b) => b.full).map((b) => b.label)).toContain('2');
  });

  it('draw a held request hollow when it came back empty or was refused', () => {
    const { longPolls: boxes, drops } = storyAt(45.5).marks('long-polling');
    expect(boxes.filter((b) => b.kind === 'empty').map((b) => b.label)).toEqual(['held', '204 empty', '204 empty']);
    expect(boxes[boxes.length - 1]!.kind).toBe('open');
    expect(drops[0]!.label).toBe('504 · held 10.0 s');
  });

  it('paint no cross for what ended while the client slept, and recovery the sleep', () => {
    const marks = storyAt(68).marks('sse');
    const asleep = marks.drops.filter((d) => d.quiet);
    expect(asleep).toHaveLength(1);
    const recovery = marks.recoveries.find((b) => b.from === 'k3f9.416')!;
    expect(recovery.x1 - recovery.x0).toBeGreaterThan(100);
  });

  it('give a repeated event its hollow twin', () => {
    expect(
      storyAt(68)
        .marks('long-polling')
        .ticks.filter((t) => t.twin),
    ).toHaveLength(1);
    expect(
      storyAt(68)
        .marks('sse')
        .ticks.filter((t) => t.twin),
    ).toHaveLength(0);
  });

  it('never stand right of now, however many come at once', () => {
    const tell = teller();
    const run = new RunModel(snapshot());
    for (let i = 1; i <= 5; i++) {
      run.applyObservation(tell(30, 'sse', event(i, { duplicate: i === 5 })));
      run.applyObservation(tell(30, null, { type: 'publish', cursor: `k3f9.${i}`, event: 'note', bytes: 9 }));
      run.applyObservation(tell(30, 'websocket', { type: 'heartbeat', kind: 'pong', dir: 'in' }));
    }
    const axis = timeAxis(START, START + 30_000, 60_000, WIDTH);
    const of = (m: Method): LaneMarks =>
      layoutLane({ lane: run.lane(m)!, axis, box: laneGeometry(112), sleeps: [], startedAt: START, measure });
    const { ticks } = of('sse');
    expect(ticks.length).toBeGreaterThan(0);
    for (const { x, twin } of ticks) expect(x + (twin ? 7 : 1)).toBeLessThanOrEqual(axis.nowX);
    for (const x of of('websocket').heartbeats) expect(x + 6).toBeLessThanOrEqual(axis.nowX);
    for (const { x } of layoutHead(run, axis, measure).published) expect(x + 1).toBeLessThanOrEqual(axis.nowX);
  });

  it('put no count of a poll under the label of a drop', () => {
    const tell = teller();
    const run = new RunModel(snapshot());
    const poll = (id: number, at: number): void => {
      run.applyObservation(tell(at, 'short-polling', { type: 'request', id, method: 'GET', url: 'http://127.0.0.1/' }));
      run.applyObservation(tell(at + 0.1, 'short-polling', { type: 'response', id, status: 200, bytes: 9, took: 100, empty: false })); // prettier-ignore
      run.applyObservation(tell(at + 0.1, 'short-polling', event(id * 2)));
      run.applyObservation(tell(at + 0.1, 'short-polling', event(id * 2 + 1)));
    };
    poll(1, 5);
    poll(2, 20);
    run.applyObservation(
      tell(21, 'short-polling', { type: 'drop', evidence: 'rst', cause: 'target-unreachable', by: 'path', silence: 0, detected: null }), // prettier-ignore
    );
    const axis = timeAxis(START, START + 30_000, 60_000, WIDTH);
    const marks = layoutLane({ lane: run.lane('short-polling')!, axis, box: laneGeometry(112), sleeps: [], startedAt: START, measure }); // prettier-ignore
    expect(marks.drops.map((d) => d.label)).toEqual(['RST · target unreachable']);
    expect(marks.shortPolls.map((p) => p.label)).toEqual(['2', null]);
  });

  it('draw lateness only where it is worth a line', () => {
    const { late } = storyAt(20).marks('sse');
    expect(late).toEqual([]);
    expect(storyAt(20).marks('short-polling').late.length).toBeGreaterThan(3);
  });

  it('leave a label out rather than shorten it, and keep the evidence', () => {
    const marks = storyAt(45, 600_000).marks('sse');
    expect(marks.drops[0]!.label).toBe('FIN · idle 10.0 s');
    expect(marks.silences).toEqual([]);
  });

  it('become columns of density when they cannot be told apart, however many there are', () => {
    const tell = teller();
    const run = new RunModel(snapshot());
    for (let i = 0; i < 40_000; i++) run.applyObservation(tell(i / 1000, 'sse', event(i)));
    const axis = timeAxis(START, START + 40_000, 60_000, WIDTH);
    const lane = run.lane('sse')!;
    const marks = layoutLane({ lane, axis, box: laneGeometry(112), sleeps: [], startedAt: START, measure });
    expect(lane.events.items.length).toBeLessThan(12_000);
    expect(marks.ticks).toEqual([]);
    expect(marks.columns.length).toBeGreaterThan(200);
    expect(marks.columns.length).toBeLessThan(WIDTH);
    const counted = marks.hitAreas.reduce((sum, s) => sum + (s.fact.kind === 'event-group' ? s.fact.count : 0), 0);
    expect(counted).toBe(40_000);
  });
});

describe('pointing at a mark', () => {
  it('prefers loss to news to pulse when they stand together', () => {
    const marks = storyAt(45).marks('sse');
    const cross = marks.drops[0]!.x;
    const found = hitTest(marks.hitAreas, cross + 1, laneGeometry(112).middle)!;
    expect(found.fact.kind).toBe('drop');
    expect(markTooltip(found.fact).text).toContain('Ended by the path.');
  });

  it('means nothing when nothing is near', () => {
    expect(hitTest(storyAt(45).marks('sse').hitAreas, 3, 3)).toBeNull();
  });

  it('walks from mark to mark by key, newest first', () => {
    const { hitAreas: spots } = storyAt(45).marks('sse');
    const newest = nextMark(spots, null, 1)!;
    const before = nextMark(spots, newest.at, -1)!;
    expect(before.at).toBeLessThan(newest.at);
    expect(nextMark(spots, before.at, 1)!.at).toBe(newest.at);
    expect(nextMark(spots, newest.at, 1)).toBeNull();
  });
});

describe('the rows above the lanes', () => {
  it('tell the conditions, the sleep and what was published', () => {
    const { run } = storyAt(68);
    const marks = layoutHead(run, timeAxis(START, START + 68_000, 60_000, WIDTH), measure);
    expect(marks.labels.map((l) => l.text)).toEqual([
      'Direct',
      'nginx, idle 10 s',
      'heartbeat 5 s',
      'nginx, idle 10 s, heartbeat 5 s',
    ]);
    expect(marks.labels.filter((l) => l.strong)).toHaveLength(1);
    expect(marks.sleeps.map((s) => s.label)).toEqual(['Sleep 8.0 s']);
    expect(marks.conditionChanges).toHaveLength(2);
    expect(marks.published).toHaveLength(25);
  });
});

describe('room for labels', () => {
  it('is given once', () => {
    const room = new LabelSlots(0, 100);
    expect(room.reserve(10, 40)).toBe(true);
    expect(room.reserve(30, 60)).toBe(false);
    expect(room.reserve(40, 60)).toBe(true);
    expect(room.reserve(90, 110)).toBe(false);
    expect(room.reserve(-5, 5)).toBe(false);
  });
});
