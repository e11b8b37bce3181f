import { afterEach, expect, it } from 'vitest';
import { seeded } from '../../../src/shared/random.ts';
import { eventually, Rig } from './sockets.ts';

const PATHS = [
  [],
  ['latency:delay=20ms'],
  ['latency:delay=3ms,jitter=3ms,distribution=long-tail'],
  ['slice:size=7B,delay=1ms'],
  ['bandwidth:rate=40KiB'],
  ['black-hole:'],
  ['black-hole:dir=up'],
  ['idle-timeout:after=60s'],
  ['latency:delay=5ms', 'slice:size=100B,delay=0ms', 'bandwidth:rate=1MiB'],
  ['close-after:bytes=100MiB'],
];

let rig: Rig;
afterEach(() => rig.stop());

it.each([1, 2, 3, 4, 5, 6])('any traffic arrives as sent while the settings change at any time (%i)', async (seed) => {
  const random = seeded(seed);
  const some = <T>(list: readonly T[]): T => list[random.int(0, list.length - 1)]!;
  rig = await new Rig({ seed }).start(some(PATHS));
  const pairs = [];
  for (let i = 0; i < 3; i++) {
    const { client, server } = await rig.open(`sse-${i + 1}`);
    pairs.push({ ways: [way(client, server), way(server, client)] });
  }
  for (let step = 0; step < 60; step++) {
    const { from, sent } = some(some(pairs).ways);
    const dice = random.next();
    if (dice < 0.15) {
      rig.set(...some(PATHS));
    } else if (from.socket.writable) {
      const text = String.fromCharCode(65 + (step % 26)).repeat(random.int(1, dice > 0.95 ? 60_000 : 300));
      sent.push(text);
      from.write(text);
      if (dice > 0.97) from.socket.end();
    }
    if (dice < 0.5) await rig.clock.sleep(random.int(0, 8));
  }
  rig.set(); // whatever is held is let go
  for (const { from, to, sent } of pairs.flatMap((p) => p.ways)) {
    await eventually(() => to.text.length >= sent.join('').length);
    expect(to.text).toBe(sent.join(''));
    if (from.socket.writableEnded) await eventually(() => to.seen.includes('fin'));
    else expect(to.seen).toEqual([]);
  }
});

function way<T>(from: T, to: T): { from: T; to: T; sent: string[] } {
  return { from, to, sent: [] };
}
