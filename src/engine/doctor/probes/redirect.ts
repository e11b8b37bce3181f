import { addressOf, answerLines, fitsMethod, isLoginPage, isLoginUrl, lastAnswer } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: a redirect, where it leads, and whether that is a login page. */
export const redirect: Probe = {
  code: 'redirect',
  judge(m) {
    if (m.firstAnswers.length === 0) return null;
    const hop = m.firstAnswers.find(({ answer }) => isRedirect(answer.head?.status));
    if (!hop) return { verdict: 'ok', text: 'It answers where it is asked.', evidence: [] };
    const status = hop.answer.head!.status;
    const first = lastAnswer(m);
    const to = URL.canParse(hop.answer.head!.fields['location'] ?? '', hop.url.replace(/^ws/, 'http'))
      ? new URL(hop.answer.head!.fields['location']!, hop.url.replace(/^ws/, 'http')).href
      : (hop.answer.head!.fields['location'] ?? 'no address');
    const login = isLoginUrl(to) || (first !== null && isLoginPage(first));
    const works = first !== null && fitsMethod(m, first) && m.method !== 'websocket' && !login;
    return {
      verdict: works ? 'warning' : 'problem',
      kind: login ? 'login' : 'elsewhere',
      value: status,
      text: login
        ? `${status}: it redirects to a login page, ${addressOf(to)}.`
        : `${status}: it redirects to ${addressOf(to)}${works ? ', which answers as it should' : m.method === 'websocket' ? ': a WebSocket in a browser follows no redirect' : ''}.`,
      evidence: answerLines(m),
    };
  },
};

const isRedirect = (status: number | undefined): boolean =>
  status !== undefined && [301, 302, 303, 307, 308].includes(status);
