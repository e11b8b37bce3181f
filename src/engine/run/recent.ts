import type { Observation } from '../../shared/observation.ts';

/** The newest observations of a run, bounded. Says how many it has let go. */
export class Recent {
  #ring: Observation[] = [];
  #start = 0;
  #keep: number;
  forgotten = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(o: Observation): void {
    if (this.#ring.length < this.#keep) {
      this.#ring.push(o);
      return;
    }
    this.#ring[this.#start] = o;
    this.#start = (this.#start + 1) % this.#keep;
    this.forgotten++;
  }

  /** Oldest first. */
  list(): Observation[] {
    return [...this.#ring.slice(this.#start), ...this.#ring.slice(0, this.#start)];
  }
}
