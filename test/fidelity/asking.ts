/** What a probe is given and what it answers with. */
import type { Client, Way } from './client.ts';
import type { Origin } from './origin.ts';

/** What is asked: where to dial, what lies behind, and the idle limit in force. */
export interface Subject {
  way: Way;
  origin: Origin;
  limitMs: number;
  /** The same path before a port on which nobody listens. */
  dead: Way;
  /** Keep-alive limit in force; null where the variant does not shorten it. */
  keepAliveMs: number | null;
}

export type Finding = string | number | null;
export type Findings = Record<string, Finding>;
export type Probe = (on: Subject) => Promise<Findings>;

let sequence = 0;
export const newId = (): string => `p${process.pid.toString(36)}-${++sequence}`;

/** How an answer stands, in words. */
export function end(client: Client, kept = true): string {
  const answer = client.answer;
  const connection = client.ended ? `, ${client.ended.how}` : kept ? ', kept open' : '';
  if (!answer) return client.ended ? `nothing but ${client.ended.how}` : 'nothing';
  const body = answer.whole ? 'whole' : 'cut short';
  return client.ended || answer.whole
    ? `${answer.head.status} ${body}${connection}`
    : `${answer.head.status} still open`;
}

/** What an error of the proxy’s own looks like; null where the answer is none. */
export function page(client: Client): string | null {
  const answer = client.answer;
  if (!answer || answer.head.status < 400) return null;
  const type = answer.field('content-type')?.split(';')[0] ?? 'no type';
  return `${answer.head.reason || 'no reason'}, ${answer.bytes > 0 ? `a page (${type})` : 'no page'}`;
}
