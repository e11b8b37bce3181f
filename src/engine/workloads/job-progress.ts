import type { Workload } from './workload.ts';

/** An export that counts to 100 %, is done, and after a while is asked for again. */
export const jobProgress: Workload = {
  name: 'job-progress',
  describe: ({ rate, burst }) =>
    `${burst === null ? 'A job' : `${burst} jobs at a time`} from 0 to 100 %, ${
      rate === null ? 'a step every 0.6–2 s' : `${rate} steps a second`
    }; the next one 15–30 s later.`,
  async play(stage) {
    await stage.wait(stage.between(200, 600));
    for (;;) {
      const jobs = Array.from({ length: stage.burst(1) }, () => `job_${stage.random.int(1000, 9999)}`);
      for (let percent = 0; percent < 100; percent += stage.random.int(2, 7)) {
        for (const id of jobs) stage.publish('progress', { id, percent });
        await stage.wait(stage.gap(stage.between(600, 2000), jobs.length));
      }
      for (const id of jobs) {
        stage.publish('progress', { id, percent: 100, status: 'done', final: true }, { terminal: true });
      }
      await stage.wait(stage.between(15_000, 30_000));
    }
  },
};
