import { answerLines, lastAnswer } from './first-answer.ts';
import { refusalWords } from '../../client/connection/refusal-words.ts';
import type { Probe } from './probe.ts';

/** Promise: that the endpoint does not let this client in, in the words it says so. */
export const auth: Probe = {
  code: 'auth',
  judge(m) {
    const first = lastAnswer(m);
    if (!first) return m.opened ? null : { unknown: 'No answer came.' };
    const { status, fields } = first.head;
    if (![401, 403, 407].includes(status)) {
      return m.opened
        ? { verdict: 'ok', text: 'It lets this client in.', evidence: [] }
        : { unknown: `It answered ${status}.` };
    }
    const words = refusalWords(fields, first.answer.body);
    const scheme = fields['www-authenticate']?.split(/[\s,]/)[0];
    const wants =
      status === 403 ? 'does not let this client in' : `wants to know who asks${scheme ? `, by ${scheme}` : ''}`;
    return {
      verdict: 'problem',
      kind: status === 407 ? 'proxy' : status === 401 ? 'who' : 'forbidden',
      value: status,
      text: `${status}: it ${wants}${words === null ? '' : `: ${words}`}.`.replace(/([.!?])\.$/, '$1'),
      evidence: answerLines(m),
    };
  },
};
