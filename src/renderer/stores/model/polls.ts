import type { Poll } from './lane-marks.ts';
import { Trail } from './trail.ts';

/** The requests of a polling lane, one at a time, and what became of each. */
export class Polls extends Trail<Poll> {
  done = 0;
  failed = 0;

  asked(id: number, at: number): void {
    const open = this.#open();
    if (open) open.to = at;
    this.add({ at, id, to: null, status: null, bytes: 0, empty: false, events: 0, cut: null });
  }

  /** @param awakeAt when the client last woke: an answer to a forgotten question is drawn from there */
  answered(o: { id: number; at: number; status: number; bytes: number; empty: boolean }, awakeAt: number): void {
    let poll = this.last;
    if (!poll || poll.id !== o.id || poll.cut === 'sleep') {
      // Its request is out of memory, or it came while the client slept.
      const at = Math.min(o.at, Math.max(o.at - 40, awakeAt));
      poll = { at, id: o.id, to: null, status: null, bytes: 0, empty: false, events: 0, cut: null };
      this.add(poll);
    }
    poll.to = o.at;
    poll.status = o.status;
    poll.bytes = o.bytes;
    poll.empty = o.empty;
    this.done += 1;
    if (o.status >= 400) this.failed += 1;
  }

  /** The newest one brought an event. */
  brought(): void {
    if (this.last) this.last.events += 1;
  }

  /** The one under way will not be answered. */
  cut(at: number, why: NonNullable<Poll['cut']>): void {
    const poll = this.#open();
    if (!poll) return;
    poll.to = at;
    poll.cut = why;
  }

  #open(): Poll | null {
    const poll = this.last;
    return poll && poll.to === null ? poll : null;
  }
}
