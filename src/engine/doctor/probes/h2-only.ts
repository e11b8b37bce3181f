import { answerLines } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: that HTTP/1.1 is not answered, and HTTP/2 would be. */
export const h2Only: Probe = {
  code: 'h2-only',
  judge(m) {
    if (!m.firstAnswers.some(({ answer }) => answer.http2)) return null;
    return {
      verdict: 'problem',
      text: 'The server speaks HTTP/2 only; WebSocket and the lanes speak HTTP/1.1.',
      evidence: answerLines(m),
    };
  },
};
