import type { Watched } from '../connection/watched.ts';
import type { Exam } from '../exam.ts';
import { endsStory } from '../probes/ends.ts';
import type { Experiment } from './experiment.ts';

const SLOTS = 3;
const OPENS_PER_SLOT = 3;
/** So many ends tell what they have in common. */
const ENOUGH_ENDS = 6;
const LEAST_REST_MS = 200;
const MOST_REST_MS = 3000;

/** Connections opened one after the other that do no more than a client must: how long do they live, and what comes? */
export const quiet: Experiment = {
  name: 'quiet',
  methods: ['sse', 'websocket'],
  codes: [
    ...(['idle-limit', 'lifetime', 'heartbeat', 'zombie', 'close-words', 'advice', 'truncates', 'head-late'] as const),
    ...([
      'buffered',
      'compressed',
      'resume',
      'no-replay',
      'ping-unanswered',
      'speaks',
      'cached',
      'repeats-requests',
    ] as const),
    ...(['six-connections', 'upgrade-blocked', 'auth', 'content-type'] as const),
  ],
  cost: () => ({ connections: SLOTS * OPENS_PER_SLOT }),
  async run(x) {
    const gap = Math.min(1300, Math.max(250, x.o.forMs / 60));
    await Promise.all(
      Array.from({ length: SLOTS }, async (_, i) => {
        if (i > 0 && !(await x.rest(i * gap))) return;
        await keepOpen(x);
      }),
    );
  },
};

async function keepOpen(x: Exam): Promise<void> {
  for (let opens = 0; opens < OPENS_PER_SLOT; opens++) {
    const w = x.watch('quiet');
    if (!w) return;
    x.m.plain.push(w);
    void noteOpened(x, w);
    await w.done;
    if (x.left() <= 0 || (w.end?.final ?? true)) return;
    if (enoughEnds(x)) return;
    const rest = w.end?.retryMs ?? w.retryMs ?? LEAST_REST_MS;
    if (!(await x.rest(Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, rest))))) return;
  }
}

async function noteOpened(x: Exam, w: Watched): Promise<void> {
  if (await w.until(() => w.openAt !== null, x.left())) x.m.opened = true;
}

/** Enough to say what ends them. */
function enoughEnds(x: Exam): boolean {
  const { idle, lifetime, ends } = endsStory(x.m);
  if (ends.length >= ENOUGH_ENDS) return true;
  return (
    ends.length >= 4 && (idle !== null || lifetime !== null) && x.m.method === 'websocket' && x.m.pinged.length > 0
  );
}
