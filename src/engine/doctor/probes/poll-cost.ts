import { asksForCursor } from '../../../shared/dialect/plan.ts';
import { plural } from './figures.ts';
import { lastAnswer } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: what share of answers brought nothing, and whether a validator or advice would have made them cheaper. */
export const pollCost: Probe = {
  code: 'poll-cost',
  judge(m) {
    const first = lastAnswer(m);
    const answers = m.polled.flatMap((w) => w.answers);
    if (!m.opened || answers.length < 3 || !first)
      return { unknown: m.notTried['polls'] ?? 'Too few polls were answered.' };
    const events = m.polled.flatMap((w) => w.events);
    const refused = m.polled.filter((w) => w.end !== null && w.end.evidence === 'status:429').length;
    const withNews = Math.min(answers.length, new Set(events.map((e) => Math.round(e.at / 50))).size);
    const empty = Math.max(0, answers.length - withNews);
    const share = Math.round((empty / answers.length) * 100) / 100;
    const heads = [first.head, ...m.polled.map((w) => w.head)].filter((h) => h !== null);
    const advice = heads.some(
      (h) => h.fields['x-poll-interval'] ?? h.fields['retry-after'] ?? h.fields['events-retry-ms'],
    );
    const tiny = answers.every((a) => !a.empty && a.bytes <= 512) && asksForCursor(m.dialect, 'short-polling');
    const answered304 = answers.some((a) => a.status === 304) || m.conditional?.status === 304;
    const evidence = [
      { at: 0, what: `${plural(answers.length, 'poll')}, ${empty} without news`, bytes: first.head.text },
    ];
    if (refused > 0) {
      return {
        verdict: 'problem',
        kind: 'refused',
        value: share,
        text: 'It refuses polls (429) at the pace it advises nothing against.',
        evidence,
      };
    }
    if (answered304 || answers.some((a) => a.status === 204) || tiny) {
      return {
        verdict: 'ok',
        kind: answered304 ? 'validator' : 'empty',
        value: share,
        text: `An answer without news is ${answered304 ? 'a 304' : 'nearly nothing'}.`,
        evidence: [],
      };
    }
    if (empty < 2) return { unknown: 'Nearly every poll brought news.' };
    if (m.conditional && m.conditional.status !== 304) {
      return {
        verdict: 'warning',
        kind: 'etag-ignored',
        value: share,
        text: `It gives an ETag and answers ${m.conditional.status} to If-None-Match: each poll costs a whole answer.`,
        evidence,
      };
    }
    return {
      verdict: 'warning',
      kind: advice ? 'no-validator' : 'no-etag-no-advice',
      value: share,
      text: `Of ${plural(answers.length, 'poll')} ${empty} brought nothing new, and each cost a whole answer: there is no ETag${advice ? '' : ', and no advice on how often to ask'}.`,
      evidence,
    };
  },
};
