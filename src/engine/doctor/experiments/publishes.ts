import { messageOf } from '../../../shared/failure.ts';
import type { Material } from '../material.ts';
import type { Experiment } from './experiment.ts';

const MESSAGES = 5;
const EVERY_MS = 900;

/** Short messages of our own, each with a word in it that nobody else uses. */
export const publishes: Experiment = {
  name: 'publishes',
  methods: ['sse', 'websocket', 'long-polling', 'short-polling'],
  codes: ['buffered', 'repeats-requests', 'resume'],
  cost: ({ publish }) => ({ connections: 0, messages: publish === null ? 0 : MESSAGES }),
  async run(x) {
    const { publish } = x.o;
    if (publish === null) return;
    if (!(await x.rest(Math.min(3000, x.left() / 6)))) return;
    const run = Math.floor(x.random.next() * 36 ** 6).toString(36);
    for (let i = 1; i <= MESSAGES && x.left() > 0; i++) {
      if (!x.ledger.takeMessage()) return;
      const token = `heartline-doctor-${run}-${i}`;
      const at = x.clock.now();
      const entry: Material['published'][number] = { at, token, ok: true, detail: null };
      try {
        await publish(token);
      } catch (error) {
        entry.ok = false;
        entry.detail = messageOf(error);
        x.m.notTried['publish'] = `Publishing failed: ${entry.detail}`;
      }
      x.m.published.push(entry);
      if (!entry.ok && i >= 2) return;
      if (!(await x.rest(EVERY_MS))) return;
    }
    await x.rest(4000);
  },
};
