import type { Probe } from './probe.ts';
import { endLine, endsStory, endText, headLine } from './ends.ts';
import { msText, plural, rangeOf } from './figures.ts';

/** Promise: the silence after which connections end, within 5 % or 300 ms, or no word of one. */
export const idleLimit: Probe = {
  code: 'idle-limit',
  judge(m) {
    const { idle, lifetime, survivedMs, busyOutlived, ends } = endsStory(m);
    if (idle) {
      const { ms, min, max, of } = idle;
      const reset = busyOutlived ? ' One that was kept busy with pings lived on: bytes reset it.' : '';
      return {
        verdict: 'problem',
        kind: kindOf(of[0]!.end.evidence),
        value: ms,
        ...(max - min > Math.max(300, ms * 0.05) && { range: rangeOf(min, max) }),
        text: `Connections that are silent for ${msText(ms)} are ended: ${plural(of.length, 'time')}, by ${endText(of[0]!.end)}.${reset}`,
        evidence: [...headLine(m, of[0]!), ...of.slice(0, 6).map((w) => endLine(m, w))],
      };
    }
    const silent = silentDeath(m.silences);
    if (silent) {
      const [alive, dead] = silent;
      const value = Math.round((alive + dead) / 2);
      return {
        verdict: 'problem',
        kind: 'silence',
        value,
        range: [Math.round(alive), Math.round(dead)],
        text: `A connection that has been silent for ${msText(dead)} is dead, and nobody is told: a ping after it gets no answer, one after ${msText(alive)} does.`,
        evidence: m.silences.map((t) => ({
          at: Math.round(t.silenceMs),
          what: `a ping after ${msText(t.silenceMs)} of silence: ${t.alive ? 'answered' : 'no answer'}`,
        })),
      };
    }
    if (!m.opened) return { unknown: 'No connection opened.' };
    if (lifetime && ends.length > 0) {
      return {
        unknown: `Every connection ended at one age before it had been silent for longer than ${msText(survivedMs)}.`,
      };
    }
    const longest = Math.max(survivedMs, ...m.silences.filter((t) => t.alive).map((t) => t.silenceMs), 0);
    if (longest >= m.quietUpToMs * 0.95) {
      return {
        verdict: 'ok',
        text: `No limit was met up to ${msText(longest)} of silence.`,
        evidence: [],
      };
    }
    const beats = m.plain.some((w) => w.beats.some((b) => b.dir === 'in'));
    if (beats) {
      return {
        unknown: `Its heartbeats cannot be silenced: the limit is at least ${msText(longest)}.`,
      };
    }
    if (ends.length > 0) return { unknown: 'The ends that were seen have no silence in common.' };
    return { unknown: `Nothing ended within ${msText(longest)} of silence; longer was not tried.` };
  },
};

const kindOf = (evidence: string): string => evidence.replace(':', '-');

/** The longest silence that a ping was answered after, and the shortest after which none was. */
function silentDeath(tries: readonly { silenceMs: number; alive: boolean }[]): [alive: number, dead: number] | null {
  const alive = tries.filter((t) => t.alive).map((t) => t.silenceMs);
  const dead = tries.filter((t) => !t.alive).map((t) => t.silenceMs);
  if (alive.length === 0 || dead.length < 2) return null;
  const lives = Math.max(...alive.filter((ms) => ms < Math.max(...dead)), 0);
  const dies = Math.min(...dead.filter((ms) => ms > lives));
  // one that died sooner than another lived died of something else
  if (lives === 0 || !Number.isFinite(dies) || dead.some((ms) => ms < lives)) return null;
  return [lives, dies];
}
