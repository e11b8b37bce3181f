import { median, msText, plural } from './figures.ts';
import { heldTries } from './held.ts';
import type { Probe } from './probe.ts';

const AT_ONCE_MS = 400;

/** Promise: a long poll that brings nothing and is not held. */
export const answersAtOnce: Probe = {
  code: 'answers-at-once',
  judge(m) {
    const held = heldTries(m);
    if (held.some((h) => h.ms > 900))
      return { verdict: 'ok', text: 'It holds a poll that has nothing to bring.', evidence: [] };
    const nothing = held.filter((h) => h.how === 'answer' && h.empty && h.status !== null && h.status < 400);
    const soon = nothing.filter((h) => h.ms < AT_ONCE_MS);
    if (soon.length >= 3) {
      const ms = median(soon.map((h) => h.ms));
      return {
        verdict: 'problem',
        value: Math.round(ms),
        text: `${plural(soon.length, 'poll')} brought nothing new and came back after ${msText(ms)}: it does not hold.`,
        evidence: soon.slice(0, 3).map((h) => ({
          at: 0,
          what: `answered after ${msText(h.ms)}`,
          ...(h.head ? { bytes: h.head.text } : {}),
        })),
      };
    }
    const answered = held.some((h) => h.how === 'answer');
    return {
      unknown: answered
        ? 'Polls brought something new, or too few did not.'
        : (m.notTried['held'] ?? 'No poll was answered.'),
    };
  },
};
