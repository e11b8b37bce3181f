import { parse } from 'yaml';
import { parseDuration } from '../../shared/duration.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { isOneOf } from '../../shared/guards.ts';
import { BACKOFFS, type BackoffPolicy } from '../../shared/storm.ts';

/** That of the lanes. */
export const DEFAULT_POLICY: BackoffPolicy = {
  kind: 'full-jitter',
  baseMs: DEFAULTS.backoff.baseMs,
  capMs: DEFAULTS.backoff.capMs,
  floorMs: DEFAULTS.backoff.floorMs,
};

const KEYS = ['backoff', 'base', 'cap', 'floor'] as const;

/**
 * A client's back-off as YAML or JSON: `{backoff: full-jitter, base: 500ms, cap: 30s, floor: 100ms}`; what is left out is
 * as the lanes have it.
 * @throws Failure `bad-policy` (exit 2) that names the key
 */
export function readPolicy(text: string, place: string): BackoffPolicy {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw refuse(place, `It is not YAML: ${messageOf(error).split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(place, 'It has no keys.');
  const given = new Map(Object.entries(value));
  const policy = { ...DEFAULT_POLICY };
  for (const [key, said] of given) {
    const at = `${place}: ${key}`;
    if (!isOneOf(KEYS, key)) throw refuse(at, `A policy has no ${key}.`);
    const words = String(said);
    if (key === 'backoff') {
      if (!isOneOf(BACKOFFS, words)) throw refuse(at, `"${words}" is no back-off.`, `Write ${BACKOFFS.join(', ')}.`);
      policy.kind = words;
    } else policy[`${key}Ms`] = durationAt(words, at);
  }
  if (policy.baseMs > policy.capMs) throw refuse(`${place}: base`, 'The base is longer than the cap.');
  return policy;
}

function durationAt(text: string, place: string): number {
  const ms = parseDuration(text, place);
  if (ms < 1 || ms > 3_600_000) throw refuse(place, `${text} is out of range.`, 'Give 1ms to 1h.');
  return ms;
}

const refuse = (place: string, message: string, hint = `Its keys are ${KEYS.join(', ')}.`): Failure =>
  new Failure({ code: 'bad-policy', place, message, hint, exit: 2 });
