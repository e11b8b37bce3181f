import type { Evidence, Phase, State, StateReason } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { StateFact } from '../../../shared/observation.ts';
import { canTransition } from './states.ts';

export interface StateSnapshot {
  state: State;
  phase: Phase | null;
  /** Since when the state (not the phase) stands. */
  since: number;
  /** When it will end by itself. */
  until: number | null;
}

/** The state of a lane, and the one place where it changes. */
export class LaneState {
  #now: StateSnapshot;
  readonly #clock: Clock;
  readonly #note: (fact: StateFact) => void;

  constructor(clock: Clock, note: (fact: StateFact) => void) {
    this.#clock = clock;
    this.#note = note;
    this.#now = { state: 'idle', phase: null, since: clock.now(), until: null };
  }

  get current(): Readonly<StateSnapshot> {
    return this.#now;
  }

  may(to: State): boolean {
    return canTransition(this.#now.state, to);
  }

  /** @throws Error where the table of states has no such transition */
  transition(to: State, reason: StateReason, more: { phase?: Phase; until?: number; evidence?: Evidence } = {}): void {
    const { state: from, since } = this.#now;
    if (!canTransition(from, to)) throw new Error(`a lane may not pass from ${from} to ${to}`);
    this.#now = {
      state: to,
      phase: more.phase ?? null,
      since: from === to ? since : this.#clock.now(),
      until: more.until ?? null,
    };
    this.#note({ type: 'state', from, to, reason, ...more });
  }
}
