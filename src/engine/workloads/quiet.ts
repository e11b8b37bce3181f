import type { Workload } from './workload.ts';

/** One event to show that it works, then one a minute: what idle limits are made of. */
export const quiet: Workload = {
  name: 'quiet',
  describe: ({ rate, burst }) =>
    `${burst === null ? 'One event' : `${burst} events`} ${rate === null ? 'a minute' : `at ${rate}/s on average`}.`,
  async run(context) {
    await context.wait(context.randomBetween(200, 600));
    for (let n = 1; ;) {
      const burst = context.burst(1);
      for (let i = 0; i < burst; i++) context.publish('still-here', { n: n++ });
      await context.wait(context.interval(60_000, burst));
    }
  },
};
