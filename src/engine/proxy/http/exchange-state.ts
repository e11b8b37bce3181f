import type { ExchangePhase } from './policy.ts';

/**
 * `received`: the policies look at the request, or its body is waited for. `connecting`: to the origin. `waiting`: it has
 * the request. `shared`: the answer comes from another exchange. `held`: the head of the answer is known and not sent yet.
 * `streaming`: it is sent. `tunnel`: after 101.
 */
type State = 'received' | 'connecting' | 'waiting' | 'shared' | 'held' | 'streaming' | 'tunnel' | 'over';

/** `respond` is an answer of the intermediary's own, which ends the exchange; `end` any other end. */
export type ExchangeEvent =
  'connect' | 'sent' | 'retry' | 'share' | 'head' | 'head-sent' | 'switch' | 'respond' | 'end';

/** What may happen in which state, and what follows. What is not here does not happen. */
const TRANSITIONS: Record<State, Partial<Record<ExchangeEvent, State>>> = {
  received: { connect: 'connecting', share: 'shared', respond: 'over', end: 'over' },
  connecting: { sent: 'waiting', retry: 'connecting', respond: 'over', end: 'over' },
  waiting: { head: 'held', switch: 'tunnel', retry: 'connecting', respond: 'over', end: 'over' },
  shared: { head: 'held', respond: 'over', end: 'over' },
  held: { 'head-sent': 'streaming', respond: 'over', end: 'over' },
  streaming: { end: 'over' },
  tunnel: { end: 'over' },
  over: {},
};

const PHASES: Record<State, ExchangePhase> = {
  received: 'waiting',
  connecting: 'waiting',
  waiting: 'waiting',
  shared: 'waiting',
  held: 'answering',
  streaming: 'answering',
  tunnel: 'tunnel',
  over: 'over',
};

/** Where an exchange stands. Nothing else changes it. */
export class ExchangeState {
  phase: ExchangePhase = 'waiting';
  #state: State = 'received';

  is(...states: State[]): boolean {
    return states.includes(this.#state);
  }

  allows(event: ExchangeEvent): boolean {
    return TRANSITIONS[this.#state][event] !== undefined;
  }

  /** False where this cannot happen now, and then nothing has changed. */
  step(event: ExchangeEvent): boolean {
    const next = TRANSITIONS[this.#state][event];
    if (next === undefined) return false;
    this.#state = next;
    this.phase = PHASES[next];
    return true;
  }
}
