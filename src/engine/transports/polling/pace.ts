import type { IncomingHttpHeaders } from 'node:http';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { adviceOfDigits } from '../../wire/numbers.ts';

/** So soon after the request that nobody can have waited for anything. */
const AT_ONCE_MS = 50;
/** As many such answers in a row are no chance. */
const AT_ONCE_LIMIT = 10;
const MAX_REMEMBERED_CURSORS = 1000;

/** Where a lane keeps its count over reconnects. */
const COUNT_KEY = 'answers-at-once';

export interface PollNews {
  /** It brought an id or a cursor that was not seen before; changed text without one is no news. */
  news: boolean;
  /** Answers in a row, up to this one, that came at once and brought no news. */
  atOnce: number;
}

/**
 * How often a lane may ask, whatever strategy and dialect say: at least 100 ms lie between two requests unless the answer
 * before brought news, and a server that answers at once for ever without news is found out.
 */
export class PollPace {
  readonly #memory: Map<string, string>;
  readonly #seenCursors: Set<string>;

  constructor(memory: Map<string, string>, cursor: string | null) {
    this.#memory = memory;
    this.#seenCursors = new Set(cursor === null ? [] : [cursor]);
  }

  /** @param newIds how many events had an id not seen before */
  judge(newIds: number, cursor: string | null, took: number): PollNews {
    const newCursor = cursor !== null && !this.#seenCursors.has(cursor);
    if (newCursor) {
      this.#seenCursors.add(cursor);
      if (this.#seenCursors.size > MAX_REMEMBERED_CURSORS) {
        this.#seenCursors.delete(this.#seenCursors.values().next().value!);
      }
    }
    const news = newIds > 0 || newCursor;
    const atOnce = !news && took <= AT_ONCE_MS ? Number(this.#memory.get(COUNT_KEY) ?? 0) + 1 : 0;
    this.#memory.set(COUNT_KEY, String(atOnce));
    return { news, atOnce };
  }
}

export const isFlood = ({ atOnce }: PollNews): boolean => atOnce >= AT_ONCE_LIMIT;
/** It is said once, as the count is reached. */
export const floodBegins = ({ atOnce }: PollNews): boolean => atOnce === AT_ONCE_LIMIT;

/** @param sinceRequest ms since the last request went out */
export const withSpacing = (rest: number, { news }: PollNews, sinceRequest: number): number =>
  news ? rest : Math.max(rest, DEFAULTS.pollSpacingMs - sinceRequest);

/** `X-Poll-Interval`, seconds, as GitHub's events API sends it; null where there is none. */
export function pollIntervalMs(headers: IncomingHttpHeaders): number | null {
  const text = headers['x-poll-interval'];
  return typeof text === 'string' && /^\d+$/.test(text) ? adviceOfDigits(text, 1000) : null;
}
