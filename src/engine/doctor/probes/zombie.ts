import type { Watched } from '../connection/watched.ts';
import type { Material } from '../material.ts';
import { beatPeriod } from './heartbeat.ts';
import { msText } from './figures.ts';
import type { Probe } from './probe.ts';

const BEATS_MISSED = 2.5;
/** Where there are no beats: so long after an event that others got, and so many of them. */
const EVENTS_MISSED = 3;
const LEAST_MS = 3000;

/** Promise: a connection that stands open and gets nothing, while beats are due or others get what it should. */
export const zombie: Probe = {
  code: 'zombie',
  judge(m) {
    if (!m.opened) return { unknown: 'No connection opened.' };
    const period = beatPeriod(m);
    const found = m.plain.map((w) => deadSince(m, w, period)).find((one) => one !== null);
    if (found) {
      const { w, since, why } = found;
      const ms = Math.round(m.now() - since);
      return {
        verdict: 'problem',
        value: ms,
        text: `A connection got nothing for ${msText(ms)} and was not told that it is dead: ${why}.`,
        evidence: [
          { at: Math.round(since - m.startedAt), what: `${w.order.name}: the last byte` },
          { at: Math.round(m.now() - m.startedAt), what: `${w.order.name}: still open, and nothing since` },
        ],
      };
    }
    const toldBy = m.plain.filter((w) => w.events.length + w.beats.length >= 3).length;
    if (toldBy === 0) return { unknown: 'Without heartbeats or events a dead connection looks like a quiet one.' };
    return { verdict: 'ok', text: 'No connection was dead without being told.', evidence: [] };
  },
};

function deadSince(m: Material, w: Watched, period: number | null): { w: Watched; since: number; why: string } | null {
  if (!w.isOpen || w.openAt === null) return null;
  const since = w.lastByteAt ?? w.openAt;
  const silent = m.now() - since;
  const ownBeats = w.beats.filter((b) => b.dir === 'in').length;
  if (period !== null && ownBeats >= 2 && silent > BEATS_MISSED * period && silent > 1000) {
    return { w, since, why: `its heartbeat every ${msText(period)} stayed away` };
  }
  // they should all get the same: those that did get events before stopped getting what others got
  const missed = m.plain
    .filter((other) => other !== w && other.order.url === w.order.url)
    .map((other) => other.events.filter((e) => e.at > since + 500 && e.at < m.now() - 1000).length);
  if (w.events.length > 0 && silent > LEAST_MS && missed.some((n) => n >= EVENTS_MISSED)) {
    return { w, since, why: 'another connection to the same address got events meanwhile' };
  }
  return null;
}
