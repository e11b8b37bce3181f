import type { Poll } from './lane-marks.ts';
import { TimeSeries } from './time-series.ts';

/** The requests of a polling lane, one at a time, and what became of each. */
export class Polls extends TimeSeries<Poll> {
  completed = 0;
  failed = 0;

  onRequest(id: number, at: number): void {
    const pending = this.#pending();
    if (pending) pending.to = at;
    this.add({ at, id, to: null, status: null, bytes: 0, empty: false, events: 0, abortedBy: null });
  }

  /** @param wokeAt when the client last woke: an answer to a forgotten question is drawn from there */
  onResponse(o: { id: number; at: number; status: number; bytes: number; empty: boolean }, wokeAt: number): void {
    let poll = this.last;
    if (!poll || poll.id !== o.id || poll.abortedBy === 'sleep') {
      // Its request is out of memory, or it came while the client slept.
      const at = Math.min(o.at, Math.max(o.at - 40, wokeAt));
      poll = { at, id: o.id, to: null, status: null, bytes: 0, empty: false, events: 0, abortedBy: null };
      this.add(poll);
    }
    poll.to = o.at;
    poll.status = o.status;
    poll.bytes = o.bytes;
    poll.empty = o.empty;
    this.completed += 1;
    if (o.status >= 400) this.failed += 1;
  }

  /** Counts an event for the newest poll. */
  onEvent(): void {
    if (this.last) this.last.events += 1;
  }

  /** The pending poll will not be answered. */
  abort(at: number, by: NonNullable<Poll['abortedBy']>): void {
    const poll = this.#pending();
    if (!poll) return;
    poll.to = at;
    poll.abortedBy = by;
  }

  #pending(): Poll | null {
    const poll = this.last;
    return poll && poll.to === null ? poll : null;
  }
}
