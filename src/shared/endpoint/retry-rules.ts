/** What follows a status or a close code by a person's own rule: `503`, `5xx`, `1008=stop`, `4000-4099`. */
import { Failure } from '../failure.ts';
import { isOneOf } from '../guards.ts';
import { nearest } from '../nearest.ts';

/** `retry`: back after the back-off. `advice`: when Retry-After says. `refresh`: with another token. `stop`: not at all. */
const RETRY_ACTIONS = ['retry', 'advice', 'refresh', 'stop'] as const;
export type RetryAction = (typeof RETRY_ACTIONS)[number];

export interface RetryRule {
  /** A status (100–599) or a close code (1000–4999), both ends included. */
  from: number;
  to: number;
  action: RetryAction;
  /** As it was written. */
  text: string;
}

/** @throws Failure `bad-retry-rule` saying what would do */
export function parseRetryRule(text: string, place?: string): RetryRule {
  const m = /^(?:(?:status|close):)?(?:([1-5])xx|(\d{3,4})(?:-(\d{3,4}))?)(?:=([a-z-]+))?$/.exec(text.trim());
  if (!m) throw bad(`"${text}" is no rule for coming back.`, place);
  const [, hundreds, first, last = first, action = 'retry'] = m;
  if (!isOneOf(RETRY_ACTIONS, action)) {
    const near = nearest(action, RETRY_ACTIONS);
    throw bad(`"${action}" is nothing that could follow.`, place, near ? `Did you mean ${near}?` : undefined);
  }
  const from = hundreds === undefined ? Number(first) : Number(hundreds) * 100;
  const to = hundreds === undefined ? Number(last) : from + 99;
  const isStatus = from >= 100 && to <= 599;
  if (from > to || !(isStatus || (from >= 1000 && to <= 4999))) {
    throw bad(`${text} is neither a status (100 to 599) nor a close code (1000 to 4999).`, place);
  }
  return { from, to, action, text: text.trim() };
}

export function isRetryRule(text: string): boolean {
  try {
    parseRetryRule(text);
    return true;
  } catch {
    return false;
  }
}

/** The first rule that speaks of a status or close code; null: none does. */
export const retryRuleFor = (rules: readonly RetryRule[], code: number): RetryRule | null =>
  rules.find(({ from, to }) => code >= from && code <= to) ?? null;

const bad = (message: string, place?: string, hint = 'Write such as 503, 5xx, 4000-4099 or 1008=stop.'): Failure =>
  new Failure({ code: 'bad-retry-rule', message, hint, exit: 2, ...(place === undefined ? {} : { place }) });
