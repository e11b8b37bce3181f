import type { Workload } from './workload.ts';

const PEOPLE = ['Ada', 'Grace', 'Linus', 'Margaret', 'Ken', 'Barbara', 'Radia', 'Edsger'] as const;
const KINDS = [
  ['mention', 'mentioned you in #releases'],
  ['review', 'asked for your review'],
  ['comment', 'commented on your change'],
  ['assign', 'assigned an incident to you'],
  ['approve', 'approved your change'],
] as const;

/**
 * What a busy morning sends: some at once, then silence. The silences of 12 to 20 s are longer than a 10 s idle limit
 * and shorter than a usual hold, which is the point: the path decides who survives them.
 */
export const notifications: Workload = {
  name: 'notifications',
  describe: ({ rate, burst }) =>
    `${burst === null ? 'Bursts of 3–8 notifications' : `Bursts of ${burst} notifications`}, ${
      rate === null ? 'then 12–20 s of silence' : `${rate}/s on average`
    }.`,
  async run(context) {
    let unread = 0;
    await context.wait(context.randomBetween(200, 600));
    for (;;) {
      const burst = context.burst(3, 8);
      let spent = 0;
      for (let i = 0; i < burst; i++) {
        const [kind, text] = context.pick(KINDS);
        context.publish('notification', { kind, text: `${context.pick(PEOPLE)} ${text}`, unread: ++unread });
        if (i === burst - 1) break;
        const apart = context.randomBetween(20, Math.min(160, context.interval(160)));
        spent += apart;
        await context.wait(apart);
      }
      // a set rate counts from burst to burst; its own silence is silence
      const silence = context.randomBetween(12_000, 20_000);
      await context.wait(context.pace.rate === null ? silence : Math.max(0, context.interval(silence, burst) - spent));
    }
  },
};
