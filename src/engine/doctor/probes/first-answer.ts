/** What the first question was answered with; several probes read it, each for its own word. */
import { methodOf } from '../../../shared/dialect/model.ts';
import type { Answer } from '../connection/ask.ts';
import type { Head } from '../connection/head.ts';
import type { Material } from '../material.ts';
import type { EvidenceLine } from '../../../shared/doctor/report.ts';
import { shownUrl } from '../../../shared/secrets.ts';

export interface First {
  url: string;
  answer: Answer;
  head: Head;
}

/** The answer that was no redirect; null where none came. */
export function lastAnswer(m: Material): First | null {
  const last = m.firstAnswers.at(-1);
  return last?.answer.head ? { url: last.url, answer: last.answer, head: last.answer.head } : null;
}

export const typeOf = ({ fields }: Head): string => (fields['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

const LOGIN = /\b(log|sign)[\s_-]?(in|on)\b|\b(sso|saml|oauth2?|authorize|authenticate|adfs|cas)\b/i;

export const isLoginUrl = (url: string): boolean =>
  URL.canParse(url) && LOGIN.test(new URL(url).pathname.replaceAll(/[/._-]/g, ' '));

export function isLoginPage({ head, answer, url }: First): boolean {
  if (typeOf(head) !== 'text/html') return false;
  const title = titleOf(answer.body);
  return /type\s*=\s*["']?password/i.test(answer.body) || LOGIN.test(title) || isLoginUrl(url);
}

export const titleOf = (html: string): string => /<title[^>]*>([^<]{1,120})/i.exec(html)?.[1]?.trim() ?? '';

/** Without its query, which may carry what lets somebody in. */
export function addressOf(text: string): string {
  if (!URL.canParse(text)) return text.slice(0, 80);
  const url = new URL(text);
  return shownUrl(`${url.protocol}//${url.host}${url.pathname}${url.search ? '?…' : ''}`);
}

export const answerLines = (m: Material): EvidenceLine[] =>
  m.firstAnswers.flatMap(({ url, answer }) =>
    answer.head
      ? [{ at: Math.round(answer.headMs ?? 0), what: `GET ${addressOf(url)}`, bytes: answer.head.text }]
      : [
          {
            at: Math.round(answer.tookMs),
            what: `GET ${addressOf(url)}: ${answer.detail ?? answer.evidence ?? 'no answer'}`,
          },
        ],
  );

/** Whether an answer of this method is what the method needs. */
export function fitsMethod(m: Material, { head, answer }: First): boolean {
  if (m.method === 'websocket') return answer.switched;
  if (m.method === 'sse') {
    return (
      head.status === 200 &&
      (typeOf(head) === 'text/event-stream' || !['', 'plain', 'heartline', 'nchan'].includes(m.dialect.name))
    );
  }
  if (methodOf(m.dialect, m.method).nothingNew.includes(head.status)) return true;
  return head.status >= 200 && head.status < 300 && !['text/html', 'text/event-stream'].includes(typeOf(head));
}
