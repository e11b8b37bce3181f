import type { Workload } from './workload.ts';

/** An export that counts to 100 %, is done, and after a while is asked for again. */
export const jobProgress: Workload = {
  name: 'job-progress',
  describe: ({ rate, burst }) =>
    `${burst === null ? 'A job' : `${burst} jobs at a time`} from 0 to 100 %, ${
      rate === null ? 'a step every 0.6–2 s' : `${rate} steps a second`
    }; the next one 15–30 s later.`,
  async run(context) {
    await context.wait(context.randomBetween(200, 600));
    for (;;) {
      const jobs = Array.from({ length: context.burst(1) }, () => `job_${context.random.int(1000, 9999)}`);
      for (let percent = 0; percent < 100; percent += context.random.int(2, 7)) {
        for (const id of jobs) context.publish('progress', { id, percent });
        await context.wait(context.interval(context.randomBetween(600, 2000), jobs.length));
      }
      for (const id of jobs) {
        context.publish('progress', { id, percent: 100, status: 'done', final: true }, { terminal: true });
      }
      await context.wait(context.randomBetween(15_000, 30_000));
    }
  },
};
