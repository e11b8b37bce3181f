/** The first question: who answers, with what, and where. Redirects are followed here, so that each is seen. */
import { METHOD_KIND, type Method } from '../../shared/catalog.ts';
import { methodOf as blockOf, type Dialect } from '../../shared/dialect/model.ts';
import { cursorParameter, withQuery } from '../../shared/dialect/plan.ts';
import { isDroppedOnRedirect } from '../client/net/request.ts';
import { dialectNamed } from '../dialects/index.ts';
import { longPolling } from '../transports/long-polling/core.ts';
import type { Answer } from './connection/ask.ts';
import { baseHeaders } from './connection/base-headers.ts';
import type { Head } from './connection/head.ts';
import type { Exam } from './exam.ts';
import { fitsMethod, lastAnswer, typeOf } from './probes/first-answer.ts';

const MAX_REDIRECTS = 4;
/** What looking costs at most: the redirects, their end, and one question for the dialect. */
export const LOOK_COST = MAX_REDIRECTS + 2;
const HEAD_MS = 8000;
const HELD_MS = 2500;
const HELD_AT_LEAST_MS = 700;
const SHORT_HOLD_MS = 1000;
const BODY_MS = 400;

/** @returns whether the method can be examined further */
export async function firstLook(x: Exam, dialectGiven: boolean): Promise<boolean> {
  const { m } = x;
  if (!dialectGiven && m.method === 'websocket') m.dialect = (await isOurs(x)) ? dialectNamed('heartline') : m.dialect;
  let { url, headers } = m;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await lookAt(x, url, headers);
    if (!answer) return false;
    m.firstAnswers.push({ url, answer });
    const to = redirectOf(answer.head, url);
    if (to === null || m.method === 'websocket') break;
    if (new URL(to).origin !== new URL(url).origin) {
      const own = Object.keys(headers).map((name) => name.toLowerCase());
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !isDroppedOnRedirect(name, own)));
    }
    url = to;
  }
  const first = lastAnswer(m);
  const answer = m.firstAnswers.at(-1)?.answer;
  // held, and then ended or answered for by somebody else: that is what is to be found out
  const status = first?.head.status ?? 0;
  if (
    m.method === 'long-polling' &&
    answer &&
    answer.tookMs > HELD_AT_LEAST_MS &&
    answer.evidence !== 'connect-timeout'
  ) {
    if (!first || status === 408 || status >= 500) return true;
  }
  if (!first) return answer?.evidence === 'no-answer' && m.method === 'sse';
  if (!fitsMethod(m, first)) return false;
  m.url = url;
  m.headers = headers;
  if (!dialectGiven && m.method !== 'websocket' && looksOurs(first.head, first.answer.body))
    m.dialect = dialectNamed('heartline');
  return true;
}

async function lookAt(x: Exam, url: string, headers: Record<string, string>): Promise<Answer | null> {
  const { m } = x;
  const { body } = x.o;
  const within = (ms: number): number => Math.min(ms, Math.max(500, x.left() * 0.5));
  if (m.method === 'websocket') {
    const http = url.replace(/^ws/, 'http');
    const fields = { ...baseHeaders({ headers }, '*/*'), ...upgradeFields(x, m.dialect) };
    return x.ask({ name: 'first look', url: http, headers: fields, headWithinMs: within(HEAD_MS), bodyForMs: BODY_MS });
  }
  if (m.method === 'long-polling') {
    const now = m.dialect.start.now;
    const name = cursorParameter(m.dialect, m.method);
    const from = now !== null && name !== null ? withQuery(url, name, now) : url;
    const asked = longPolling(m.dialect).requestFor(from, SHORT_HOLD_MS);
    const fields = { ...baseHeaders({ headers }, accept(m.method)), ...asked.headers };
    return x.ask({
      name: 'first look',
      url: asked.url,
      headers: { ...fields, ...contentType(body) },
      body,
      headWithinMs: within(HELD_MS),
      bodyForMs: BODY_MS,
    });
  }
  const fields: Record<string, string> = {
    ...baseHeaders({ headers }, accept(m.method)),
    'accept-encoding': 'identity',
  };
  if (m.method === 'sse') fields['cache-control'] ??= 'no-cache';
  return x.ask({
    name: 'first look',
    url,
    headers: { ...fields, ...contentType(body) },
    body,
    headWithinMs: within(HEAD_MS),
    bodyForMs: BODY_MS,
  });
}

const contentType = (body: string | null): Record<string, string> =>
  body === null ? {} : { 'content-type': /^\s*[[{]/.test(body) ? 'application/json' : 'text/plain; charset=utf-8' };

const accept = (method: Method): string =>
  METHOD_KIND[method] === 'stream' ? 'text/event-stream' : 'application/json, */*;q=0.5';

function upgradeFields(x: Exam, dialect: Dialect): Record<string, string> {
  const key = Buffer.from(Array.from({ length: 16 }, () => x.random.int(0, 255))).toString('base64');
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    ...(blockOf(dialect, 'websocket').subprotocols.length > 0
      ? { 'sec-websocket-protocol': blockOf(dialect, 'websocket').subprotocols.join(', ') }
      : {}),
  };
}

function redirectOf(head: Head | null, from: string): string | null {
  const location = head?.fields['location'];
  if (!head || location === undefined || ![301, 302, 303, 307, 308].includes(head.status)) return null;
  if (!URL.canParse(location, from)) return null;
  const to = new URL(location, from);
  return /^https?:$/.test(to.protocol) ? to.href : null;
}

/** Our own server names its head in each answer. */
const looksOurs = ({ fields }: Head, body: string): boolean =>
  fields['events-newest'] !== undefined || /^event: hello\ndata: \{[^\n]*"epoch"/m.test(body);

async function isOurs(x: Exam): Promise<boolean> {
  const url = x.m.url.replace(/^ws/, 'http');
  const headers = baseHeaders(x.m, 'application/json');
  const answer = await x.ask({ name: 'whose it is', url, headers, headWithinMs: 1500, bodyForMs: 200 });
  return answer?.head?.fields['events-newest'] !== undefined;
}

/** Which method an address is for, by what it answers to somebody who takes anything. */
export function methodOf(url: string, answer: Answer | null): Method {
  if (/^wss?:/.test(url)) return 'websocket';
  const head = answer?.head;
  if (!head) return 'sse';
  const type = typeOf(head);
  if (type === 'text/event-stream') return 'sse';
  if (head.status === 426 || (head.status === 400 && /upgrade|websocket/i.test(answer.body))) return 'websocket';
  if (head.status === 204 || type.endsWith('json')) return answer.tookMs > 900 ? 'long-polling' : 'short-polling';
  return 'sse';
}
