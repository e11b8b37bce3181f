import type { Workload } from './workload.ts';

const PEOPLE = ['ada', 'grace', 'linus', 'radia'] as const;
const MESSAGES = [
  'is the deploy out?',
  'rolling now, two zones left',
  'my stream dropped after a minute again',
  'which path?',
  'the one with the 60 s idle limit',
  'heartbeat below that, or it will not last',
  'set it to 20 s',
  'no drop since',
  'nice',
  'lunch?',
] as const;

/** People talking. That someone is typing is a signal: shown while it lasts, never logged. */
export const chat: Workload = {
  name: 'chat',
  describe: ({ rate, burst }) =>
    `${burst === null ? 'A message' : `${burst} messages`} ${
      rate === null ? 'every 2–9 s' : `at ${rate}/s`
    }, with typing signals before each (WebSocket only).`,
  async run(context) {
    await context.wait(context.randomBetween(200, 600));
    for (;;) {
      const burst = context.burst(1, 2);
      for (let i = 0; i < burst; i++) {
        const who = context.pick(PEOPLE);
        const text = context.pick(MESSAGES);
        const pause = context.interval(context.randomBetween(2000, 9000));
        const typing = Math.min(pause * 0.6, text.length * 80);
        await context.wait(pause - typing);
        context.signal({ typing: true, who });
        await context.wait(typing);
        context.signal({ typing: false, who });
        context.publish('message', { who, text });
      }
    }
  },
};
