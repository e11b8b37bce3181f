/** Where short and long polling differ. */
import type { ClientSettings } from '../../client/connection/signal.ts';

/** What the strategy decides by after a good response. */
export interface PollOutcome {
  /** Events that brought the lane on: repeats, and what does not move the cursor, would be asked for forever. */
  newEvents: number;
  more: boolean;
  /** Answers in a row without news. */
  unchanged: number;
  pollAfterMs: number | null;
  /** From the request to the answer, ms. */
  took: number;
}

export interface PollStrategy {
  /** Adds the hold to the request; `holdMs` is 0 on the first poll. */
  requestFor(url: string, holdMs: number): { url: string; headers: Record<string, string> };
  /** The endpoint lets itself be told how long to hold, so that a first poll without a hold proves that it answers. */
  holdSettable: boolean;
  /** Ask with the ETag of the last answer. */
  conditional: boolean;
  /** How long the server may hold the answer; 0: it should not. */
  holdMs(settings: Readonly<ClientSettings>): number;
  /** When to give up on an answer. */
  timeoutMs(settings: Readonly<ClientSettings>): number;
  /** How long to rest after a good answer, or why it was none. */
  nextDelay(outcome: PollOutcome, settings: Readonly<ClientSettings>): number | 'too-soon';
}
