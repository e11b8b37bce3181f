import type { Observation } from '../../shared/observation.ts';

/** The newest observations of a run, bounded. Counts how many it has dropped. */
export class RecentObservations {
  #ring: Observation[] = [];
  #start = 0;
  #limit: number;
  forgotten = 0;

  constructor(keep: number) {
    this.#limit = keep;
  }

  add(o: Observation): void {
    if (this.#ring.length < this.#limit) {
      this.#ring.push(o);
      return;
    }
    this.#ring[this.#start] = o;
    this.#start = (this.#start + 1) % this.#limit;
    this.forgotten++;
  }

  /** Oldest first. */
  list(): Observation[] {
    return [...this.#ring.slice(this.#start), ...this.#ring.slice(0, this.#start)];
  }
}
