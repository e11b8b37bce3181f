import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../src/engine/log/index.ts';
import { CatchUpQueue } from '../../../src/engine/wire/catch-up.ts';
import { Fanout, Follower, type EventSink } from '../../../src/engine/wire/fanout.ts';
import { DEFAULTS } from '../../../src/shared/defaults.ts';
import { seeded } from '../../../src/shared/random.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

/** A time that passes with each write, and with nothing else. */
class CostlyClock extends FakeClock {
  spent = 0;
  override now(): number {
    return super.now() + this.spent;
  }
}

function open(readers: number, writeMs: number) {
  const clock = new CostlyClock();
  const log = memoryLog({ clock, random: seeded(1), retention: DEFAULTS.retain }).channel('a');
  const queue = new CatchUpQueue<Follower>(clock);
  const fanout = new Fanout(log, { event: (e) => Buffer.from(`${e.seq}`), gap: () => Buffer.from('gap') }, queue);
  const state = { full: true };
  const written: { reader: number; text: string }[] = [];
  const followers = Array.from({ length: readers }, (_, reader) => {
    const write = (bytes: Buffer): boolean => {
      written.push({ reader, text: bytes.toString() });
      clock.spent += writeMs;
      return true;
    };
    const sink = { socket: { write }, ready: () => !state.full, stall: () => {}, finished: () => {} };
    const follower = new Follower(sink as unknown as EventSink, log.bounds().epoch, 0);
    fanout.add(follower);
    return follower;
  });
  return { log, fanout, followers, written, state };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('catching up', () => {
  it('of many readers leaves others their turn after 8 ms, and reaches them all, once', async () => {
    const { log, fanout, followers, written, state } = open(100, 1);
    log.append({ type: 'n', data: '' });
    state.full = false;
    for (const follower of followers) fanout.resume(follower);
    for (const follower of followers) fanout.resume(follower);
    expect(written).toEqual([]);
    let before = 0;
    for (let i = 0; i < 100 && written.length < 100; i++) {
      await turn();
      expect(written.length - before).toBeLessThanOrEqual(8);
      before = written.length;
    }
    await turn();
    expect(written.map(({ reader }) => reader)).toEqual([...followers.keys()]);
  });

  it('keeps the order where events arrive meanwhile', async () => {
    const { log, fanout, followers, written, state } = open(1, 0);
    log.append({ type: 'n', data: '' });
    state.full = false;
    fanout.resume(followers[0]!);
    fanout.push([log.append({ type: 'n', data: '' })]);
    await turn();
    fanout.push([log.append({ type: 'n', data: '' })]);
    expect(written.map(({ text }) => text).join('')).toBe('123');
  });
});
