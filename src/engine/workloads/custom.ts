import type { Workload } from './workload.ts';

const OWN_RATE = 1;
const OWN_SIZE = 100;

/** So many events a second, so large, so many together. */
export const custom: Workload = {
  name: 'custom',
  describe: ({ rate, size, burst }) =>
    `${rate ?? OWN_RATE} events a second of ${size ?? OWN_SIZE} bytes, ${burst ?? 1} at a time.`,
  async play(stage) {
    const size = stage.pace.size ?? OWN_SIZE;
    await stage.wait(Math.min(500, stage.gap(500)));
    for (let n = 1; ;) {
      const burst = stage.burst(1);
      for (let i = 0; i < burst; i++) stage.publish('message', filler(n++, size));
      await stage.wait(stage.gap(1000 / OWN_RATE, burst));
    }
  },
};

/** Exactly `size` bytes that tell one event from the next, as far as they go. */
const filler = (n: number, size: number): string => String(n).padEnd(size, '.').slice(0, size);
