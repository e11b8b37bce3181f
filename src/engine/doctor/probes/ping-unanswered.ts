import { endLine, type Ended } from './ends.ts';
import { median, msText, plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Promise: a peer that lives and does not answer pings, or hangs up in spite of our pongs. */
export const pingUnanswered: Probe = {
  code: 'ping-unanswered',
  judge(m) {
    if (!m.opened) return { unknown: 'No connection opened.' };
    const deadline = m.plain.filter(
      (w): w is Ended =>
        w.openAt !== null &&
        w.end?.evidence === 'close:1011' &&
        w.beats.some((b) => b.kind === 'ping' && b.dir === 'in') &&
        w.beats.some((b) => b.kind === 'pong' && b.dir === 'out'),
    );
    if (deadline.length >= 1) {
      return {
        verdict: 'problem',
        kind: 'deadline-met',
        value: Math.round(median(deadline.map((w) => w.end.age))),
        text: `It closed ${plural(deadline.length, 'connection')} with 1011 though its pings were answered: pongs do not reach it.`,
        evidence: deadline.slice(0, 4).map((w) => endLine(m, w)),
      };
    }
    const rtts = m.pinged.flatMap((w) => w.beats.filter((b) => b.dir === 'in' && b.rtt !== null).map((b) => b.rtt!));
    if (rtts.length > 0) {
      const rtt = median(rtts);
      return {
        verdict: 'ok',
        value: Math.round(rtt),
        text: `${plural(rtts.length, 'ping')} answered, in ${msText(rtt)} each.`,
        evidence: [],
      };
    }
    const mute = m.pinged.filter((w) => w.end?.cause === 'pong-deadline');
    if (mute.length >= 2) {
      return {
        verdict: 'problem',
        kind: 'no-pong',
        value: m.pingWaitMs,
        text: `No ping was answered: ${plural(mute.length, 'connection')}, ${msText(m.pingWaitMs)} each.`,
        evidence: mute.slice(0, 3).map((w) => ({
          at: Math.round(w.end!.at - m.startedAt),
          what: `${w.order.name}: ${w.end!.detail ?? 'no pong'}`,
        })),
      };
    }
    return { unknown: m.notTried['pings'] ?? 'No ping has had the time to be answered.' };
  },
};
