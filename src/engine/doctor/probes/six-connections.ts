import { answerLines, lastAnswer } from './first-answer.ts';
import type { Probe } from './probe.ts';

const BROWSER_CONNECTIONS = 6;

/** Promise: whether more than six streams of one page would wait for each other. */
export const sixConnections: Probe = {
  code: 'six-connections',
  judge(m) {
    const first = lastAnswer(m);
    if (!first || !m.opened) return { unknown: 'No answer came.' };
    if (m.alpn === 'h2')
      return {
        verdict: 'ok',
        kind: 'h2',
        text: 'HTTP/2 is offered: streams of one page share a connection.',
        evidence: [],
      };
    if (m.secure && m.alpn === null) return { unknown: 'Whether HTTP/2 is offered was not asked.' };
    return {
      verdict: 'warning',
      value: BROWSER_CONNECTIONS,
      text: `Only HTTP/1.1 is spoken: a browser keeps ${BROWSER_CONNECTIONS} connections to this origin, and a seventh stream waits.`,
      evidence: answerLines(m).slice(-1),
    };
  },
};
