import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { TrafficFact } from '../../../shared/observation.ts';
import type { ClientNetwork } from '../net/network.ts';

const INTERVAL_MS = 1000;

/** Reports a lane's bytes once a second while they move, and not at all while they do not. */
export class TrafficReporter {
  readonly #clock: Clock;
  readonly #network: ClientNetwork;
  readonly #report: (fact: TrafficFact) => void;
  #timer: Cancel | null = null;
  #reportedBytes = 0;

  constructor(line: ClientNetwork, clock: Clock, tell: (fact: TrafficFact) => void) {
    this.#network = line;
    this.#clock = clock;
    this.#report = tell;
    line.onBytes = () => {
      this.#timer ??= this.#clock.after(INTERVAL_MS, () => {
        this.#timer = null;
        this.#flush();
      });
    };
  }

  /** Reports what is left. */
  close(): void {
    this.#timer?.();
    this.#network.onBytes = null;
    this.#flush();
  }

  #flush(): void {
    const { bytesIn, bytesOut } = this.#network;
    if (bytesIn + bytesOut === this.#reportedBytes) return;
    this.#reportedBytes = bytesIn + bytesOut;
    this.#report({ type: 'traffic', bytesIn, bytesOut });
  }
}
