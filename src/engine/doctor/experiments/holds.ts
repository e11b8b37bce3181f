import type { Watched } from '../connection/watched.ts';
import type { Exam } from '../exam.ts';
import { heldTries } from '../probes/held.ts';
import type { Experiment } from './experiment.ts';

const SLOTS = 3;
const CONNECTIONS_PER_SLOT = 3;
const REQUESTS_PER_CONNECTION = 6;
/** A hold of this length, and an answer to it, are enough of a slot. */
const HELD_MS = 900;

/** Polls that ask to be held for as long as may be tried: who answers, and when? */
export const holds: Experiment = {
  name: 'holds',
  methods: ['long-polling'],
  codes: ['hold-limit', 'answers-at-once', 'resume', 'no-replay', 'cached', 'speaks', 'advice'],
  cost: () => ({
    connections: SLOTS * CONNECTIONS_PER_SLOT,
    requests: SLOTS * CONNECTIONS_PER_SLOT * REQUESTS_PER_CONNECTION,
  }),
  async run(x) {
    await Promise.all(
      Array.from({ length: SLOTS }, async (_, i) => {
        if (i > 0 && !(await x.rest(i * 350))) return;
        await hold(x);
      }),
    );
  },
};

async function hold(x: Exam): Promise<void> {
  const memory = new Map<string, string>();
  const { start } = x.m.dialect;
  for (let i = 0; i < CONNECTIONS_PER_SLOT; i++) {
    const w = x.watch('held', {
      cursor: start.now,
      holdMs: x.o.quietUpToMs,
      maxRequests: REQUESTS_PER_CONNECTION,
      memory,
    });
    if (!w) return;
    x.m.polled.push(w);
    void w.until(() => w.openAt !== null, x.left()).then((open) => (x.m.opened ||= open));
    await w.until(() => enough(w), x.left());
    const open = w.end === null && !w.stopped;
    w.stop();
    if (open && !enough(w)) return;
    if (w.end?.final) return;
    if (i > 0 && heldTries(x.m).filter((t) => t.ms > HELD_MS).length >= SLOTS * 2) return;
    if (!(await x.rest(300))) return;
  }
}

const enough = (w: Watched): boolean =>
  w.answers.filter((a) => a.took > HELD_MS).length >= 1 || w.answers.length >= REQUESTS_PER_CONNECTION;
