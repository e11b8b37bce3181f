import { methodOf } from '../../../shared/dialect/model.ts';
import { agreeing, median, msText, plural } from './figures.ts';
import { heldTries } from './held.ts';
import type { Probe } from './probe.ts';

/** Statuses by which somebody on the way, or a server that gave up, answers for the one that holds. */
const GAVE_UP = [408, 500, 502, 503, 504, 520, 522, 524, 598, 599];

/** Promise: when a held poll is answered, or ended, by somebody else first. */
export const holdLimit: Probe = {
  code: 'hold-limit',
  judge(m) {
    const held = heldTries(m);
    const ended = held.filter(
      (h) =>
        h.ms > 500 &&
        (h.how === 'fin' ||
          h.how === 'rst' ||
          (h.status !== null &&
            GAVE_UP.includes(h.status) &&
            !methodOf(m.dialect, m.method).nothingNew.includes(h.status))),
    );
    const same = agreeing(
      ended.map((e) => e.ms),
      0.05,
      300,
    );
    if (same.length >= 2) {
      const first = ended.find((e) => same.includes(e.ms))!;
      const how =
        first.how === 'answer'
          ? `answered with ${first.status}`
          : `ended by ${first.how.toUpperCase()} without an answer`;
      return {
        verdict: 'problem',
        kind: first.how === 'answer' ? `status-${first.status}` : first.how,
        value: Math.round(median(same)),
        text: `A held poll is ${how} after ${msText(median(same))}: ${plural(same.length, 'time')}.`,
        evidence: ended.slice(0, 4).map((e) => ({
          at: Math.round(e.ms),
          what: `held for ${msText(e.ms)}, then ${e.how === 'answer' ? e.status : e.how.toUpperCase()}`,
          ...(e.head ? { bytes: e.head.text } : {}),
        })),
      };
    }
    const own = held.filter((h) => h.how === 'answer' && h.ms > 900 && h.status !== null && !ended.includes(h));
    const longest = Math.max(0, ...held.filter((h) => h.how !== 'fin' && h.how !== 'rst').map((h) => h.ms));
    if (own.length > 0 && ended.length === 0) {
      return {
        verdict: 'ok',
        text: `It answers a held poll itself, after ${msText(Math.max(...own.map((h) => h.ms)))} at the longest; nobody was quicker.`,
        evidence: [],
      };
    }
    if (longest >= m.quietUpToMs * 0.95) {
      return { verdict: 'ok', text: `Held for ${msText(longest)} without anybody answering for it.`, evidence: [] };
    }
    if (ended.length === 1) return { unknown: `One poll ended after ${msText(ended[0]!.ms)}; once is not enough.` };
    return {
      unknown:
        longest > 900
          ? `Held for ${msText(longest)}; longer was not tried.`
          : (m.notTried['held'] ?? 'No poll was held.'),
    };
  },
};
