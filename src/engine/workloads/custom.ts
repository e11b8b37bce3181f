import type { Workload } from './workload.ts';

const DEFAULT_RATE = 1;
const DEFAULT_SIZE = 100;

/** So many events a second, so large, so many together. */
export const custom: Workload = {
  name: 'custom',
  describe: ({ rate, size, burst }) =>
    `${rate ?? DEFAULT_RATE} events a second of ${size ?? DEFAULT_SIZE} bytes, ${burst ?? 1} at a time.`,
  async run(context) {
    const size = context.pace.size ?? DEFAULT_SIZE;
    await context.wait(Math.min(500, context.interval(500)));
    for (let n = 1; ;) {
      const burst = context.burst(1);
      for (let i = 0; i < burst; i++) context.publish('message', filler(n++, size));
      await context.wait(context.interval(1000 / DEFAULT_RATE, burst));
    }
  },
};

/** Exactly `size` bytes that tell one event from the next, as far as they go. */
const filler = (n: number, size: number): string => String(n).padEnd(size, '.').slice(0, size);
