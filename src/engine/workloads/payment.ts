import type { Workload } from './workload.ts';

const STEPS = ['created', 'pending', 'authorising', 'authorised', 'capturing'] as const;

/** A payment that someone watches until it is decided; after a while the next one. */
export const payment: Workload = {
  name: 'payment',
  describe: ({ rate, burst }) =>
    `${burst === null ? 'A payment' : `${burst} payments at a time`} from created to succeeded or failed, ${
      rate === null ? 'a step every 1–4 s' : `${rate} steps a second`
    }; the next one 30–45 s later.`,
  async run(context) {
    await context.wait(context.randomBetween(200, 600));
    for (;;) {
      const ids = Array.from({ length: context.burst(1) }, () => `pay_${context.random.int(100_000, 999_999)}`);
      const amount = context.random.int(199, 24_999);
      for (const status of STEPS) {
        for (const id of ids) context.publish('payment', { id, status, amount, currency: 'EUR' });
        await context.wait(context.interval(context.randomBetween(1000, 4000), ids.length));
      }
      const status = context.random.next() < 0.8 ? 'succeeded' : 'failed';
      for (const id of ids) {
        context.publish('payment', { id, status, amount, currency: 'EUR', final: true }, { terminal: true });
      }
      await context.wait(context.randomBetween(30_000, 45_000));
    }
  },
};
