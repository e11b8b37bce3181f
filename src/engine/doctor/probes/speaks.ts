import { METHOD_LABEL } from '../../../shared/catalog.ts';
import { answerLines, fitsMethod, lastAnswer, typeOf } from './first-answer.ts';
import type { Probe } from './probe.ts';

/** Promise: method, framing and dialect as they were recognised, or in what way they were not. */
export const speaks: Probe = {
  code: 'speaks',
  judge(m) {
    const first = lastAnswer(m);
    const label = METHOD_LABEL[m.method];
    if (m.opened && (first === null || fitsMethod(m, first) || m.firstAnswers.length === 0)) {
      const version = first?.head.version ?? m.plain.find((w) => w.head)?.head?.version ?? '1.1';
      return {
        verdict: 'ok',
        kind: m.dialect.name,
        text: `It speaks ${label} over HTTP/${version}, dialect ${m.dialect.name}.`,
        evidence: answerLines(m).slice(-1),
      };
    }
    const last = m.firstAnswers.at(-1)?.answer;
    if (!last) return { unknown: 'It was not asked.' };
    if (!last.head) {
      if (last.http2) return null; // h2-only says it
      if (last.evidence === 'no-answer' && m.opened) return null;
      if (m.method === 'long-polling' && m.polled.length > 0) return { unknown: 'No poll was answered.' };
      return {
        verdict: 'problem',
        kind: last.evidence ?? 'no-answer',
        text: reachText(last.evidence, last.detail),
        evidence: answerLines(m),
      };
    }
    const { status } = last.head;
    // it was held before: hold-limit says by whom it was answered
    if (m.method === 'long-polling' && status >= 500 && m.polled.length > 0)
      return { unknown: `It answered ${status}.` };
    // a word of its own says it better
    if ([401, 403, 407].includes(status) || (status >= 300 && status < 400)) return null;
    if (m.method === 'websocket' && !last.switched) return null;
    if (status === 200 || typeOf(last.head) === 'text/html') return null;
    return {
      verdict: 'problem',
      kind: `status-${status}`,
      value: status,
      text: `It answers ${status} to ${label}.`,
      evidence: answerLines(m),
    };
  },
};

function reachText(evidence: string | null, detail: string | null): string {
  const more = detail ? ` (${detail})` : '';
  switch (evidence) {
    case 'refused':
      return `Nothing listens there: the connection was refused${more}.`;
    case 'dns':
      return `The name could not be looked up${more}.`;
    case 'tls':
      return `TLS failed: ${detail ?? 'no reason was given'}.`;
    case 'connect-timeout':
      return 'No connection could be made in time.';
    case 'no-answer':
      return 'It was connected to, and never answered.';
    case 'fin':
    case 'rst':
      return `The connection was closed before any answer, by ${evidence.toUpperCase()}.`;
    default:
      return `What answers there was not understood${more}.`;
  }
}
