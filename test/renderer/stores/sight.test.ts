import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import { useLive } from '../../../src/renderer/stores/live.ts';
import { useSight } from '../../../src/renderer/stores/sight.ts';
import { event, snapshot, START, teller } from '../helpers.ts';

beforeEach(() => {
  setActivePinia(createPinia());
  const live = useLive();
  const tell = teller();
  live.takeSnapshot(snapshot());
  const drop = { type: 'drop', evidence: 'rst', by: 'unknown', silence: 100, age: 1000, detected: null } as const;
  live.takeBatch({
    seq: 1,
    now: START + 600_000,
    observations: [
      tell(1, 'sse', event(1)),
      tell(2, 'sse', event(2, { latency: 50 })),
      tell(20, 'sse', drop),
      tell(300, 'websocket', drop),
      tell(400, 'sse', event(3)),
      tell(401, 'sse', event(3, { duplicate: true })),
    ],
  });
  live.applyPending();
  vi.spyOn(live, 'now').mockReturnValue(START + 600_000);
});

it('goes to a moment and stands still there, and follows now again', () => {
  const [live, sight] = [useLive(), useSight()];
  sight.show(START + 590_000);
  expect(live.frozenAt).toBeNull(); // in sight already
  sight.show(START + 100_000);
  expect(live.frozenAt).toBeGreaterThan(START + 100_000);
  sight.pan(1_000_000);
  expect(live.frozenAt).toBeNull(); // never right of now
  sight.moveTo(START - 5000);
  expect(live.frozenAt).toBeGreaterThanOrEqual(START);
  sight.follow();
  expect(live.frozenAt).toBeNull();
});

it('zooms to what is selected, and keeps the window of the settings for later', () => {
  const [live, sight] = [useLive(), useSight()];
  sight.selection = { from: START + 10_000, to: START + 12_000 };
  sight.zoomToSelection();
  expect([sight.windowMs(), live.frozenAt, sight.selection]).toEqual([2000, START + 12_000, null]);
  sight.follow();
  expect(sight.windowMs()).toBe(60_000);
  sight.showWholeRun();
  expect(sight.windowMs()).toBeGreaterThanOrEqual(600_000);
});

it('steps from drop to drop over all lanes', () => {
  const sight = useSight();
  sight.stepDrop(-1);
  expect(sight.drop).toMatchObject({ lane: 'websocket' });
  expect(sight.place).toEqual({ index: 1, count: 2 });
  sight.stepDrop(-1);
  expect(sight.drop).toMatchObject({ lane: 'sse' });
  sight.stepDrop(-1);
  expect(sight.drop).toMatchObject({ lane: 'sse' }); // it was the first
  sight.closeDrop();
  expect(useLive().frozenAt).toBeNull();
});

it('a selection has figures of its own; what is no longer known of it stays unknown', () => {
  const lane = useLive().run!.lane('sse')!;
  expect(lane.countsBetween(START + 1500, START + 2500)).toMatchObject({ received: 1, duplicates: 0, latency: { count: 1, max: 50 } }); // prettier-ignore
  expect(lane.countsBetween(START + 399_000, START + 500_000)).toMatchObject({ received: 2, unique: 1, duplicates: 1 });
  expect(lane.countsBetween(START - 60_000, START + 1000)).toMatchObject({ requests: null, bytes: null, missed: null });
});

it('a pin set twice is gone', () => {
  const sight = useSight();
  sight.pointedAt = START + 5000;
  sight.togglePin();
  expect(sight.pins).toEqual([START + 5000]);
  sight.togglePin();
  expect(sight.pins).toEqual([]);
});
