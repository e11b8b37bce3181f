import type { Cause, EndedBy, Evidence } from '../shared/catalog.ts';

export interface KnownEnd {
  cause: Cause;
  by: EndedBy;
  /** Engine time at which the connection was really dead. */
  at: number;
  /**
   * A path that is direct stands for no path at all: what it met when it dialled is what the lane would have met. Then
   * this is the evidence, and the rest of the entry is of no account.
   */
  met?: { evidence: Evidence; detail: string };
}

/**
 * What the engine did to connections, by the local port of the socket that will notice. The path and the server write,
 * the lane that finds its socket dead reads. Ports are reused, so an entry is taken once and the book is bounded.
 */
export class Causes {
  #ends = new Map<number, KnownEnd>();
  /** server-facing local port → lane-facing remote port (the lane's own local port) */
  #through = new Map<number, number>();

  /** The path carries the lane's connection on: what happens to `inner` happens to `outer`. */
  link(innerPort: number, outerPort: number): void {
    this.#through.set(innerPort, this.#through.get(outerPort) ?? outerPort);
    if (this.#through.size > 20_000) this.#through.delete(this.#through.keys().next().value!);
  }

  /** Notes an end before it is carried out. The first word counts. */
  note(port: number, end: KnownEnd): void {
    const lanePort = this.#through.get(port) ?? port;
    if (!this.#ends.has(lanePort)) this.#ends.set(lanePort, end);
    if (this.#ends.size > 20_000) this.#ends.delete(this.#ends.keys().next().value!);
  }

  /** A new connection uses this port: whatever was known of an older one is stale. */
  forget(port: number): void {
    this.#ends.delete(port);
    this.#through.delete(port);
  }

  /** What was noted of this connection is over: it lives on. */
  clear(port: number): void {
    this.#ends.delete(this.#through.get(port) ?? port);
  }

  take(port: number): KnownEnd | null {
    const end = this.#ends.get(port) ?? null;
    this.#ends.delete(port);
    return end;
  }
}
