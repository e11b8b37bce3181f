import { answerLines, fitsMethod, isLoginPage, lastAnswer, titleOf, typeOf } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: a type that the method cannot use, named; a page for people is named as one. */
export const contentType: Probe = {
  code: 'content-type',
  judge(m) {
    if (m.method === 'websocket') return null;
    const first = lastAnswer(m);
    if (!first) return m.opened ? null : { unknown: 'No answer came.' };
    const { head, answer } = first;
    const type = typeOf(head);
    if (fitsMethod(m, first)) {
      return {
        verdict: 'ok',
        value: head.status,
        text: `${head.status}, ${type === '' ? 'no body' : type}.`,
        evidence: [],
      };
    }
    if (m.firstAnswers.length > 1 && isLoginPage(first)) return { unknown: 'It was redirected to a login page.' };
    if (head.status < 200 || head.status > 299) return { unknown: `It answered ${head.status}.` };
    const title = titleOf(answer.body);
    const what =
      type === 'text/html'
        ? `a ${isLoginPage(first) ? 'login' : 'web'} page (text/html)${title === '' ? '' : `, titled “${title}”`}`
        : type || 'no content type';
    const wanted = m.method === 'sse' ? 'text/event-stream' : 'a list of events';
    if (head.status === 204 && m.method === 'sse') {
      return {
        verdict: 'problem',
        kind: 'status-204',
        value: 204,
        text: '204 No Content: it tells an EventSource to stop and not come back.',
        evidence: answerLines(m),
      };
    }
    return {
      verdict: 'problem',
      kind: type || 'none',
      value: head.status,
      text: `${head.status}: ${what} answers, not ${wanted}.`,
      evidence: answerLines(m),
    };
  },
};
