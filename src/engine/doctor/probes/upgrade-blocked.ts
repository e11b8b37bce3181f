import { refusalWords } from '../../client/connection/refusal-words.ts';
import { answerLines, lastAnswer } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: that no 101 came, and what came instead. */
export const upgradeBlocked: Probe = {
  code: 'upgrade-blocked',
  judge(m) {
    const first = lastAnswer(m);
    if (m.opened)
      return {
        verdict: 'ok',
        value: 101,
        text: 'The Upgrade reaches the server: 101 Switching Protocols.',
        evidence: [],
      };
    if (!first) return { unknown: 'No answer came.' };
    const { status, fields } = first.head;
    if (first.answer.switched) return { unknown: 'It switched protocols, and no WebSocket came of it.' };
    if ([401, 403, 407, 429].includes(status) || (status >= 300 && status < 400)) {
      return { unknown: `It answered ${status} before it came to that.` };
    }
    const words = refusalWords(fields, first.answer.body);
    return {
      verdict: 'problem',
      kind: `status-${status}`,
      value: status,
      text: `${status} answers instead of 101 Switching Protocols${words === null ? '' : `: ${words}`}.`.replace(
        /([.!?])\.$/,
        '$1',
      ),
      evidence: answerLines(m),
    };
  },
};
