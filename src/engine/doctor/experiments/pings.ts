import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Exam } from '../exam.ts';
import { aliveAge, endsStory } from '../probes/ends.ts';
import type { Experiment } from './experiment.ts';

const SLOTS = 2;
const OPENS_PER_SLOT = 3;
const FIRST_PERIOD_MS = 400;
const LATER_PERIOD_MS = 2000;
const YOUNG_MS = 8000;
const LOOK_MS = 200;

/** Connections kept busy with pings beside the quiet ones: whatever ends both at one age is no idle limit. */
export const pings: Experiment = {
  name: 'pings',
  methods: ['websocket'],
  codes: ['idle-limit', 'lifetime', 'ping-unanswered', 'close-words'],
  cost: () => ({ connections: SLOTS * OPENS_PER_SLOT }),
  async run(x) {
    await Promise.all(
      Array.from({ length: SLOTS }, async (_, i) => {
        if (i > 0 && !(await x.rest(500))) return;
        await keepBusy(x);
      }),
    );
  },
};

async function keepBusy(x: Exam): Promise<void> {
  for (let opens = 0; opens < OPENS_PER_SLOT; opens++) {
    const w = x.watch('pinged', { pingMs: FIRST_PERIOD_MS });
    if (!w) return;
    // the lane's own deadline follows its period; ours is to be patient
    w.settings.pingMs = FIRST_PERIOD_MS;
    x.m.pinged.push(w);
    while (w.end === null && !w.stopped) {
      if (!(await x.rest(LOOK_MS))) return;
      if (w.openAt === null) continue;
      if (x.clock.now() - w.openAt > YOUNG_MS) w.settings.pingMs = LATER_PERIOD_MS;
      if (outlived(x, w)) return w.stop();
    }
    if (x.left() <= 0 || (w.end?.final ?? true)) return;
    if (x.m.pinged.filter((p) => p.end !== null).length >= 4) return;
    if (!(await x.rest(Math.min(DEFAULTS.sseRetryMs, w.end?.retryMs ?? 200)))) return;
  }
}

/** What ends the quiet ones has not ended this one: more is not to be learnt from it. */
function outlived(x: Exam, w: Exam['m']['pinged'][number]): boolean {
  const { idle, ends } = endsStory(x.m);
  return idle !== null && ends.length >= 3 && aliveAge(w, x.clock.now()) > Math.max(idle.ms * 2.2, idle.ms + 1500);
}
