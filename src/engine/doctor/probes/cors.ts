import { answerLines, lastAnswer } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: whether a page of the origin that was named may read the answer. Asked only where an Origin was given. */
export const cors: Probe = {
  code: 'cors',
  judge(m) {
    const origin = Object.entries(m.headers).find(([name]) => name.toLowerCase() === 'origin')?.[1];
    if (origin === undefined || m.method === 'websocket') return null;
    const first = lastAnswer(m);
    if (!first) return { unknown: 'No answer came.' };
    const allowed = first.head.fields['access-control-allow-origin'];
    const credentials = Object.keys(m.headers).some((name) => name.toLowerCase() === 'cookie');
    const withCookies = first.head.fields['access-control-allow-credentials'] === 'true';
    if (allowed === origin || (allowed === '*' && !credentials)) {
      if (!credentials || withCookies) {
        return {
          verdict: 'ok',
          value: first.head.status,
          text: `A page of ${origin} may read it.`,
          evidence: answerLines(m).slice(-1),
        };
      }
    }
    const why =
      allowed === undefined
        ? 'there is no Access-Control-Allow-Origin'
        : allowed === '*' || (allowed === origin && credentials)
          ? 'with cookies it takes Access-Control-Allow-Credentials and the origin by name'
          : `Access-Control-Allow-Origin says ${allowed}`;
    return {
      verdict: 'problem',
      kind: allowed === undefined ? 'none' : 'another-origin',
      value: first.head.status,
      text: `A page of ${origin} may not read it: ${why}.`,
      evidence: answerLines(m).slice(-1),
    };
  },
};
