import type { Workload } from './workload.ts';

const STAGES: readonly [stage: string, lines: readonly string[]][] = [
  ['checkout', ['Cloning into the workspace', 'HEAD is now at 4f2c91e', 'Submodules: none']],
  ['install', ['Restoring the cache', 'added 312 packages in 9s', 'Audited, nothing found', 'Saving the cache']],
  ['build', ['Compiling shared', 'Compiling engine', 'Compiling page', 'Linking', 'Bundle 412 kB, 128 kB gzipped']],
  ['test', ['PASS cursor', 'PASS log', 'PASS parser', 'PASS reconnect', 'PASS gap', 'PASS drain', 'PASS heartbeat']],
  ['package', ['Writing the archive', 'Signing', 'Uploading']],
];

/** Some 80 lines in bursts, and then nothing more for good: the channel ends. */
export const buildLog: Workload = {
  name: 'build-log',
  describe: ({ rate, burst }) =>
    `A build log of some 80 lines${burst === null ? '' : `, ${burst} at a time`}, ${
      rate === null ? 'for about a minute' : `${rate} lines a second`
    }; then the channel ends.`,
  async run(context) {
    await context.wait(context.randomBetween(200, 600));
    let line = 0;
    for (const [name, lines] of STAGES) {
      let left = lines.length * context.random.int(3, 5);
      while (left > 0) {
        const burst = Math.min(left, context.burst(1, 5));
        for (let i = 0; i < burst; i++) {
          context.publish('line', { line: ++line, stage: name, text: lines[(line - 1) % lines.length] });
        }
        left -= burst;
        await context.wait(context.interval(context.randomBetween(300, 3500), burst));
      }
    }
    context.publish('result', { status: 'passed', lines: line });
    context.end();
  },
};
