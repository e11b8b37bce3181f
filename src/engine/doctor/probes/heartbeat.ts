import type { SeenBeat, Watched } from '../connection/watched.ts';
import type { Judgement, Material } from '../material.ts';
import { aliveAge, endsStory } from './ends.ts';
import { agreeing, median, msText, plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Shorter than this nobody can say that there are none. */
const WATCHED_LONG_ENOUGH_MS = 15_000;

/** Promise: kind and period of the server's own beats, or that none came in so long. */
export const heartbeat: Probe = {
  code: 'heartbeat',
  judge(m) {
    if (!m.opened) return { unknown: 'No connection opened.' };
    const { idle } = endsStory(m);
    const own = m.plain.map((w) => w.beats.filter(isServers));
    const kind = own.flat()[0]?.kind;
    if (kind === undefined) {
      const promised = m.plain.map((w) => w.promisedBeatMs).find((ms) => ms != null);
      if (promised != null && idle && promised > idle.ms) return tooSlow(m, 'promised', promised, idle.ms);
      if (idle) {
        return {
          verdict: 'warning',
          kind: 'none',
          text: `No heartbeat comes within the ${msText(idle.ms)} of silence that end a connection.`,
          evidence: [],
        };
      }
      const watched = Math.max(0, ...m.plain.map((w) => watchedFor(w, m.now())));
      if (watched < WATCHED_LONG_ENOUGH_MS) {
        return { unknown: `None came, but no connection was watched for longer than ${msText(watched)}.` };
      }
      return {
        verdict: 'warning',
        kind: 'none',
        text: `No heartbeat came in ${msText(watched)}.`,
        evidence: [],
      };
    }
    const period = periodOf(m.plain, kind);
    const evidence = own
      .flat()
      .filter((b) => b.kind === kind)
      .slice(0, 4)
      .map((b) => ({ at: Math.round(b.at - m.startedAt), what: `a heartbeat came: ${KIND_TEXT[kind]}` }));
    if (period === null) {
      return {
        unknown: `${plural(own.flat().length, 'heartbeat')} came (${KIND_TEXT[kind]}); how often they come was not seen.`,
      };
    }
    if (idle && period > idle.ms) return tooSlow(m, kind, period, idle.ms);
    return {
      verdict: 'ok',
      kind,
      value: Math.round(period),
      text: `A heartbeat (${KIND_TEXT[kind]}) comes every ${msText(period)}.`,
      evidence,
    };
  },
};

const tooSlow = (m: Material, kind: string, period: number, limit: number): Judgement => ({
  verdict: 'problem',
  kind,
  value: Math.round(period),
  text: `The heartbeat every ${msText(period)} is slower than the idle limit of ${msText(limit)}.`,
  evidence: [
    { at: Math.round(m.now() - m.startedAt), what: `a beat every ${msText(period)}, a limit of ${msText(limit)}` },
  ],
});

const KIND_TEXT = { comment: 'a comment', ping: 'a Ping', pong: 'an unasked Pong', message: 'a message' } as const;

/** Answers to our own pings are no beats of theirs. */
const isServers = (b: SeenBeat): boolean => b.dir === 'in' && b.kind !== 'pong';

const watchedFor = (w: Watched, now: number): number =>
  w.openAt === null ? 0 : w.end ? w.end.at - w.openAt : aliveAge(w, now) || (w.lastByteAt ?? w.openAt) - w.openAt;

/** Between beats of one connection; else from its opening to the first, where connections agree. */
function periodOf(all: readonly Watched[], kind: SeenBeat['kind']): number | null {
  const between = all.flatMap((w) => {
    const at = w.beats.filter((b) => isServers(b) && b.kind === kind).map((b) => b.at);
    return at.slice(1).map((t, i) => t - at[i]!);
  });
  // some send a beat at once, or two together: what is far below the usual distance is no period
  const usual = between.filter((ms) => ms > 20);
  if (usual.length > 0) return median(usual);
  const first = all.flatMap((w) => {
    const beat = w.beats.find((b) => isServers(b) && b.kind === kind);
    return beat && w.openAt !== null ? [beat.at - w.openAt] : [];
  });
  const same = agreeing(first, 0.05, 200);
  return same.length >= 2 && median(same) > 500 ? median(same) : null;
}

/** The period of the server's beats, for other probes; null where none is known. */
export function beatPeriod(m: Material): number | null {
  const kind = m.plain.flatMap((w) => w.beats.filter(isServers))[0]?.kind;
  return kind === undefined ? null : periodOf(m.plain, kind);
}
