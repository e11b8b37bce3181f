import type { Workload } from './workload.ts';

const SYMBOLS = ['HTL', 'SSE', 'WSK', 'POLL', 'NGX', 'RST'] as const;

/** Prices that walk, twenty times a second. */
export const ticks: Workload = {
  name: 'ticks',
  describe: ({ rate, burst }) => `${rate ?? 20} prices a second${burst === null ? '' : `, ${burst} at a time`}.`,
  async run(context) {
    const prices = new Map<string, number>(SYMBOLS.map((symbol) => [symbol, context.random.int(2000, 20_000)]));
    await context.wait(context.randomBetween(50, 200));
    for (;;) {
      const burst = context.burst(1);
      for (let i = 0; i < burst; i++) {
        const symbol = context.pick(SYMBOLS);
        const price = Math.max(1, prices.get(symbol)! + context.random.int(-12, 12));
        prices.set(symbol, price);
        context.publish('tick', { symbol, price: price / 100, size: context.random.int(1, 40) * 10 });
      }
      await context.wait(context.interval(50 * burst, burst));
    }
  },
};
