import type { Cancel, Clock } from '../../shared/clock.ts';
import type { TrafficFact } from '../../shared/observation.ts';
import type { Line } from './line.ts';

const EVERY = 1000;

/** Tells a line's bytes once a second while they move, and not at all while they do not. */
export class Traffic {
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #tell: (fact: TrafficFact) => void;
  #armed: Cancel | null = null;
  #told = 0;

  constructor(line: Line, clock: Clock, tell: (fact: TrafficFact) => void) {
    this.#line = line;
    this.#clock = clock;
    this.#tell = tell;
    line.onBytes = () => {
      this.#armed ??= this.#clock.after(EVERY, () => {
        this.#armed = null;
        this.#say();
      });
    };
  }

  /** The last word. */
  close(): void {
    this.#armed?.();
    this.#line.onBytes = null;
    this.#say();
  }

  #say(): void {
    const { bytesIn, bytesOut } = this.#line;
    if (bytesIn + bytesOut === this.#told) return;
    this.#told = bytesIn + bytesOut;
    this.#tell({ type: 'traffic', bytesIn, bytesOut });
  }
}
