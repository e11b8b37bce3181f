import type { Exam } from '../exam.ts';
import type { Experiment } from './experiment.ts';

const FIRST_MS = 1000;
const DOUBLINGS = 7;
const HALVINGS = 2;
const AT_ONCE = 4;
const PONG_WAIT_MS = 2000;

/**
 * A path that drops a silent connection without telling shows only when something is said after the silence: a ping at the
 * end of ever longer ones, then of those between the last that was survived and the first that was not.
 */
export const silences: Experiment = {
  name: 'silences',
  methods: ['websocket'],
  codes: ['idle-limit', 'zombie'],
  cost: () => ({ connections: DOUBLINGS + HALVINGS * AT_ONCE }),
  async run(x) {
    const longest = Math.min(x.o.quietUpToMs, x.left() - PONG_WAIT_MS);
    const doubled = Array.from({ length: DOUBLINGS }, (_, i) => FIRST_MS * 2 ** i).filter((ms) => ms <= longest);
    const halve = halving(x);
    await Promise.all(
      doubled.map(async (ms, i) => {
        if (!(await x.rest(i * 60))) return;
        await tryOne(x, ms);
        await halve();
      }),
    );
  },
};

/** Begins to narrow as soon as there is something to narrow. */
function halving(x: Exam): () => Promise<void> {
  let begun = false;
  return async () => {
    if (begun || between(x) === null) return;
    begun = true;
    for (let round = 0; round < HALVINGS; round++) {
      const gap = between(x);
      if (!gap || gap[1] - gap[0] <= Math.max(300, gap[1] * 0.05)) return;
      const step = (gap[1] - gap[0]) / (AT_ONCE + 1);
      if (gap[1] + PONG_WAIT_MS > x.left()) return;
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => tryOne(x, Math.round(gap[0] + step * (i + 1)))));
    }
  };
}

function between({ m }: Exam): [alive: number, dead: number] | null {
  const dead = m.silences.filter((t) => !t.alive).map((t) => t.silenceMs);
  const alive = m.silences.filter((t) => t.alive).map((t) => t.silenceMs);
  if (dead.length === 0 || alive.length === 0) return null;
  const low = Math.max(...alive);
  const high = Math.min(...dead.filter((ms) => ms > low));
  return Number.isFinite(high) ? [low, high] : null;
}

async function tryOne(x: Exam, ms: number): Promise<void> {
  const w = x.watch('silent', { pingMs: ms });
  if (!w) return;
  const pinged = (): boolean => w.beats.some((b) => b.dir === 'out' && b.kind === 'ping');
  // the client's own timer: its first ping comes that long after the opening, to the millisecond
  if (!(await w.until(pinged, Math.min(x.left(), ms + 10_000)))) return w.stop();
  w.settings.pingMs = null;
  const asked = w.beats.find((b) => b.dir === 'out' && b.kind === 'ping')!.at;
  const before = w.arrivals.findLast((a) => a.at < asked)?.at ?? w.openAt ?? asked;
  const bytes = w.arrivals.findLast((a) => a.at < asked)?.total ?? w.bytesIn;
  await w.until(() => w.bytesIn > bytes, Math.min(PONG_WAIT_MS, x.left()));
  const told = /^(fin|close:)/.test(w.end?.evidence ?? '');
  const silenceMs = asked - before;
  // others may have spoken meanwhile, or it ended in a way that was seen
  if (x.left() > 0 && silenceMs > ms * 0.9 && !told) x.m.silences.push({ silenceMs, alive: w.bytesIn > bytes });
  w.stop();
}
