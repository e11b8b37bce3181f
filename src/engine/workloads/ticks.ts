import type { Workload } from './workload.ts';

const SYMBOLS = ['HTL', 'SSE', 'WSK', 'POLL', 'NGX', 'RST'] as const;

/** Prices that walk, twenty times a second. */
export const ticks: Workload = {
  name: 'ticks',
  describe: ({ rate, burst }) => `${rate ?? 20} prices a second${burst === null ? '' : `, ${burst} at a time`}.`,
  async play(stage) {
    const prices = new Map<string, number>(SYMBOLS.map((symbol) => [symbol, stage.random.int(2000, 20_000)]));
    await stage.wait(stage.between(50, 200));
    for (;;) {
      const burst = stage.burst(1);
      for (let i = 0; i < burst; i++) {
        const symbol = stage.pick(SYMBOLS);
        const price = Math.max(1, prices.get(symbol)! + stage.random.int(-12, 12));
        prices.set(symbol, price);
        stage.publish('tick', { symbol, price: price / 100, size: stage.random.int(1, 40) * 10 });
      }
      await stage.wait(stage.gap(50 * burst, burst));
    }
  },
};
