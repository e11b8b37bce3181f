import { describe, expect, it } from 'vitest';
import type { FeedBatch, LabSnapshot } from '../../src/shared/api.ts';
import { Feed } from '../../src/rpc/feed.ts';
import { FakeClock } from '../helpers/fake-clock.ts';
import { fakeEngine } from './fake-engine.ts';

type Sent = { seq: number; n?: number; ns?: number[] };

function setup() {
  const engine = fakeEngine();
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const out = {
    congested: false,
    snapshot: (s: LabSnapshot, seq: number) => void sent.push({ seq, n: s.n }),
    batch: (b: FeedBatch) => void sent.push({ seq: b.seq, ns: b.observations.map((o) => o.n) }),
  };
  const feed = new Feed(engine, clock, out);
  const frame = () => clock.pass(33);
  return { engine, clock, sent, out, feed, frame };
}

describe('the feed', () => {
  it('begins with a snapshot, then sends what is new in numbered batches', async () => {
    const { engine, sent, feed, frame } = setup();
    engine.emit();
    feed.start();
    expect(sent).toEqual([{ seq: 1, n: 1 }]);
    engine.emit();
    engine.emit();
    await frame();
    engine.emit();
    await frame();
    expect(sent.slice(1)).toEqual([
      { seq: 2, ns: [2, 3] },
      { seq: 3, ns: [4] },
    ]);
  });

  it('sends at most 30 times a second however much there is to see, and a sign of life when there is nothing', async () => {
    const { engine, clock, sent, feed } = setup();
    feed.start();
    for (let ms = 0; ms < 1000; ms++) {
      engine.emit();
      feed.ack(sent.at(-1)!.seq);
      await clock.pass(1);
    }
    expect(sent.length).toBeLessThanOrEqual(32);
    expect(sent.flatMap((s) => s.ns ?? []).length).toBeGreaterThan(950);
    const before = sent.length;
    await clock.pass(3500);
    expect(sent.length - before).toBeGreaterThanOrEqual(3);
    expect(sent.length - before).toBeLessThanOrEqual(5);
  });

  it('stops at four unacknowledged messages, keeps nothing, and sends a snapshot once the page has caught up', async () => {
    const { engine, sent, feed, frame } = setup();
    feed.start();
    for (let i = 0; i < 200; i++) {
      engine.emit();
      await frame();
    }
    expect(sent.map((s) => s.seq)).toEqual([1, 2, 3, 4]);
    feed.ack(2);
    expect(sent).toHaveLength(4);
    feed.ack(4);
    expect(sent[4]).toEqual({ seq: 5, n: 200 });
    engine.emit();
    await frame();
    expect(sent[5]).toEqual({ seq: 6, ns: [201] });
  });

  it('folds while the wire is congested, and says how things stand when it is not', async () => {
    const { engine, sent, out, feed, frame } = setup();
    feed.start();
    feed.ack(1);
    out.congested = true;
    for (let i = 0; i < 10; i++) {
      engine.emit();
      await frame();
    }
    expect(sent).toHaveLength(1);
    out.congested = false;
    await frame();
    expect(sent[1]).toEqual({ seq: 2, n: 10 });
  });

  it('takes a snapshot when a run begins, and not before the page can take it', async () => {
    const { engine, sent, feed, frame } = setup();
    feed.start();
    feed.ack(1);
    engine.emit();
    engine.emit({ type: 'run' } as never);
    engine.emit();
    await frame();
    expect(sent.slice(1)).toEqual([{ seq: 2, n: 3 }]);
  });

  it('never grows: a flood between two frames becomes a snapshot', async () => {
    const { engine, sent, feed, frame } = setup();
    feed.start();
    feed.ack(1);
    for (let i = 0; i < 50_000; i++) engine.emit();
    await frame();
    expect(sent.slice(1)).toEqual([{ seq: 2, n: 50_000 }]);
  });

  it('does not believe an acknowledgement of what was never sent', async () => {
    const { engine, sent, feed, frame } = setup();
    feed.start();
    feed.ack(1e9);
    for (let i = 0; i < 9; i++) {
      engine.emit();
      await frame();
    }
    expect(sent).toHaveLength(5);
  });

  it('lets go of the engine and of its timer when it closes', async () => {
    const { engine, clock, sent, feed } = setup();
    feed.start();
    engine.emit();
    feed.close();
    await clock.pass(5000);
    expect(engine.listening).toBe(0);
    expect(clock.next()).toBeNull();
    expect(sent).toHaveLength(1);
  });
});

it('speaks in engine time, and says how far the recording has grown', async () => {
  const engine = Object.assign(fakeEngine(), { engineTime: () => 42.4, recordingBytes: (): number | null => 1000 });
  const clock = new FakeClock();
  const batches: FeedBatch[] = [];
  const feed = new Feed(engine, clock, { congested: false, snapshot: () => undefined, batch: (b) => batches.push(b) });
  feed.start();
  engine.emit();
  await clock.pass(33);
  engine.recordingBytes = () => null;
  engine.emit();
  await clock.pass(33);
  expect(batches[0]).toMatchObject({ now: 42, recordingBytes: 1000 });
  expect(batches[1]).not.toHaveProperty('recordingBytes');
});
