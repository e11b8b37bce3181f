import type { Head } from '../connection/head.ts';
import { lastAnswer } from './first-answer.ts';
import { msText } from './figures.ts';
import type { Probe } from './probe.ts';

/** Promise: an answer, or a held poll, that was somebody else's. */
export const cached: Probe = {
  code: 'cached',
  judge(m) {
    if (m.method === 'websocket') return null;
    const heads = [
      ...m.firstAnswers.map(({ answer }) => answer.head),
      ...m.cacheTries.map(({ plain }) => plain.head),
      ...[...m.plain, ...m.polled].map((w) => w.head),
    ].filter((h): h is Head => h !== null && h.status < 400);
    const stored = heads.map(storedFor).filter((s): s is Stored => s !== null);
    const old = stored.filter((s) => s.ageS > 0 || s.hit);
    if (old.length > 0) {
      const worst = old.reduce((a, b) => (b.ageS > a.ageS ? b : a));
      return {
        verdict: 'problem',
        kind: 'stored',
        value: worst.ageS,
        text:
          worst.ageS > 0
            ? `An answer was ${worst.ageS} s old when it came: it is somebody else’s (${worst.said}).`
            : `An answer came from a cache (${worst.said}).`,
        evidence: [{ at: 0, what: 'the head of the answer', bytes: worst.head.text }],
      };
    }
    const { twins } = m;
    if (twins?.first.head && twins.second.head) {
      const quick = Math.min(twins.first.tookMs, twins.second.tookMs);
      const slow = Math.max(twins.first.tookMs, twins.second.tookMs);
      if (quick > twins.holdMs * 0.7 && slow > quick * 1.7 && slow > twins.holdMs * 1.7) {
        return {
          verdict: 'problem',
          kind: 'collapsed',
          value: 0,
          text: `Of two polls that asked for a hold of ${msText(twins.holdMs)} at once the second was answered after ${msText(slow)}: it waited for the first.`,
          evidence: [],
        };
      }
    }
    const stale = staleByContent(m);
    if (stale) return stale;
    if (m.cacheTries.length >= 2) return { verdict: 'ok', text: 'Answers are its own.', evidence: [] };
    if (heads.length > 0 && m.method === 'sse' && lastAnswer(m))
      return { verdict: 'ok', text: 'The stream is its own.', evidence: [] };
    return { unknown: m.notTried['cache'] ?? 'Too few answers came to tell.' };
  },
};

interface Stored {
  ageS: number;
  hit: boolean;
  said: string;
  head: Head;
}

/** What a cache says of itself: Age (RFC 9111, 5.1), Cache-Status (RFC 9211), X-Cache, two numbers in X-Varnish. */
function storedFor(head: Head): Stored | null {
  const { fields } = head;
  const age = /^\d+$/.test(fields['age'] ?? '') ? Number(fields['age']) : 0;
  const hitField = ['x-cache', 'x-cache-status', 'cf-cache-status', 'cache-status', 'x-proxy-cache'].find((name) =>
    /\bhit\b/i.test(fields[name] ?? ''),
  );
  const varnishHit = /^\d+ \d+$/.test(fields['x-varnish'] ?? '');
  if (age === 0 && !hitField && !varnishHit) return null;
  const said =
    age > 0 ? `Age: ${age}` : hitField ? `${hitField}: ${fields[hitField]}` : `X-Varnish: ${fields['x-varnish']}`;
  return { ageS: age, hit: hitField !== undefined || varnishHit, said, head };
}

/** The address as it is goes on answering the same while, with a word added, it answers something newer. */
function staleByContent(m: Parameters<Probe['judge']>[0]): ReturnType<Probe['judge']> {
  const tries = m.cacheTries.filter(({ plain, busted }) => plain.complete && busted.complete);
  if (tries.length < 3) return null;
  if (tries.some(({ busted, token }) => busted.body.includes(token))) return null; // it echoes what it is asked
  const plain = new Set(tries.map((t) => t.plain.body));
  const busted = new Set(tries.map((t) => t.busted.body));
  const statuses = new Set(tries.flatMap((t) => [t.plain.head?.status, t.busted.head?.status]));
  if (plain.size !== 1 || busted.size !== tries.length || statuses.size !== 1) return null;
  const forMs = tries.at(-1)!.plain.tookMs + m.cacheSpanMs;
  return {
    verdict: 'problem',
    kind: 'stale',
    value: Math.round(forMs / 1000),
    text: `The same answer came for ${msText(forMs)}, while the address with a word added to it answered something new each time.`,
    evidence: tries
      .slice(0, 3)
      .map((t) => ({ at: 0, what: 'the same answer again', bytes: t.plain.body.slice(0, 200) })),
  };
}
