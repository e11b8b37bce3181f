import type { Lab } from '../../src/engine/lab.ts';
import type { Observation } from '../../src/shared/observation.ts';

/** Collects what a lab notes, and waits for things to have happened rather than for time to pass. */
export class LabObserver {
  readonly seen: Observation[] = [];
  #waiting: { done: () => boolean; resolve: () => void }[] = [];

  constructor(lab: Pick<Lab, 'listen'>) {
    lab.listen((o) => {
      this.seen.push(o);
      for (const w of this.#waiting.filter((x) => x.done())) {
        this.#waiting.splice(this.#waiting.indexOf(w), 1);
        w.resolve();
      }
    });
  }

  of<T extends Observation['type']>(type: T, lane?: string): Extract<Observation, { type: T }>[] {
    return this.seen.filter((o) => o.type === type && (lane === undefined || o.lane === lane)) as never;
  }

  /** Resolves as soon as `done()` holds; the test's own timeout is the only limit. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ done, resolve }));
  }

  /** Every lane has had this many unique events. */
  untilUnique(lanes: readonly string[], count: number): Promise<void> {
    return this.until(() => lanes.every((l) => this.of('event', l).filter((e) => !e.duplicate).length >= count));
  }

  /** Every lane has been open once. */
  untilOpen(lanes: readonly string[]): Promise<void> {
    return this.until(() => lanes.every((l) => this.of('state', l).some((s) => s.to === 'open')));
  }
}
