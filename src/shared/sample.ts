/** What is heard of an endpoint while it is being set up: messages as they came, to be looked at. Nothing of it is kept. */
import type { Method, State } from './catalog.ts';

/** The most that a sample holds; older messages are forgotten. */
export const SAMPLE_MESSAGES = 100;

export interface SampleMessage {
  /** From 1. */
  number: number;
  /** Engine time, ms. */
  at: number;
  kind: 'event' | 'heartbeat';
  /** As the dialect reads it; null: it has none. */
  id: string | null;
  /** What a lane would resume from after it. */
  cursor: string | null;
  event: string | null;
  /** As it came; of what is long, the beginning. */
  data: string;
  bytes: number;
}

export interface Sample {
  id: string;
  method: Method;
  /** Grows with each change. */
  version: number;
  state: State;
  /** Since when that holds, engine time, ms. */
  since: number;
  now: number;
  /** What was seen last beside messages, in words: a drop, a refusal, a notice. */
  said: { at: number; level: 'info' | 'warn' | 'error'; text: string }[];
  /** The newest, oldest first. */
  messages: SampleMessage[];
  /** How many there were in all. */
  count: number;
  done: boolean;
}
