import type { Clock } from '../../../shared/clock.ts';
import type { Direction } from './faults/fault.ts';

/** What is known of a connection where it goes on in other hands. */
export interface TrafficHistory {
  openedAt: number;
  lastByteAt: Record<Direction, number>;
  bytes: Record<Direction, number>;
}

/** How many bytes went through a connection each way, and when the last did. */
export class Traffic implements TrafficHistory {
  readonly openedAt: number;
  readonly lastByteAt: Record<Direction, number>;
  readonly bytes: Record<Direction, number>;
  #clock: Clock;

  constructor(clock: Clock, history?: TrafficHistory) {
    this.#clock = clock;
    this.openedAt = history?.openedAt ?? clock.now();
    this.lastByteAt = { ...(history?.lastByteAt ?? { up: this.openedAt, down: this.openedAt }) };
    this.bytes = { ...(history?.bytes ?? { up: 0, down: 0 }) };
  }

  /** For another connection that goes on with the same client: the same times, and no bytes yet. */
  get withoutBytes(): TrafficHistory {
    return { openedAt: this.openedAt, lastByteAt: this.lastByteAt, bytes: { up: 0, down: 0 } };
  }

  /** Called for every chunk, so it names its fields: a key that changes would be looked up anew each time. */
  record(dir: Direction, bytes: number): void {
    const now = this.#clock.now();
    if (dir === 'up') {
      this.lastByteAt.up = now;
      this.bytes.up += bytes;
    } else {
      this.lastByteAt.down = now;
      this.bytes.down += bytes;
    }
  }
}
