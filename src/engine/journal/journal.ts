import type { Cancel, Clock } from '../../shared/clock.ts';
import type { Fact, Observation } from '../../shared/observation.ts';

/** The only output of the engine: a fact gets its number and its time and goes to every listener. */
export class Journal {
  #n = 0;
  #listeners = new Set<(o: Observation) => void>();
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of the newest observation. */
  get n(): number {
    return this.#n;
  }

  note(lane: string | null, fact: Fact): Observation {
    const observation: Observation = { v: 1, n: ++this.#n, at: Math.round(this.#clock.now()), lane, ...fact };
    for (const listener of this.#listeners) listener(observation);
    return observation;
  }

  listen(listener: (o: Observation) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
