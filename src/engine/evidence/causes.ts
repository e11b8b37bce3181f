import type { Cause, EndedBy, Evidence } from '../../shared/catalog.ts';

export interface KnownCause {
  cause: Cause;
  by: EndedBy;
  /** Engine time at which the connection was really dead. */
  at: number;
  /**
   * A direct path counts as no path: how its dial to the target failed is how the lane's own dial would have failed. Then
   * this is the evidence, and the rest of the entry is of no account.
   */
  dialFailure?: { evidence: Evidence; detail: string };
}

/**
 * What the engine did to connections, by the local port of the socket that will notice. The path and the server write,
 * the lane that finds its socket dead reads. Ports are reused, so an entry is taken once and the map is bounded.
 */
export class Causes {
  #byPort = new Map<number, KnownCause>();
  /** server-facing local port → lane-facing remote port (the lane's own local port) */
  #outerPort = new Map<number, number>();

  /** The path carries the lane's connection on: what happens to `inner` happens to `outer`. */
  link(innerPort: number, outerPort: number): void {
    this.#outerPort.set(innerPort, this.#outerPort.get(outerPort) ?? outerPort);
    if (this.#outerPort.size > 20_000) this.#outerPort.delete(this.#outerPort.keys().next().value!);
  }

  /** Notes an end before it is carried out. The first one noted counts. */
  note(port: number, end: KnownCause): void {
    const lanePort = this.#outerPort.get(port) ?? port;
    if (!this.#byPort.has(lanePort)) this.#byPort.set(lanePort, end);
    if (this.#byPort.size > 20_000) this.#byPort.delete(this.#byPort.keys().next().value!);
  }

  /** A new connection uses this port: whatever was known of an older one is stale. */
  forget(port: number): void {
    this.#byPort.delete(port);
    this.#outerPort.delete(port);
  }

  /** What was noted of this connection is over: it lives on. */
  clear(port: number): void {
    this.#byPort.delete(this.#outerPort.get(port) ?? port);
  }

  take(port: number): KnownCause | null {
    const end = this.#byPort.get(port) ?? null;
    this.#byPort.delete(port);
    return end;
  }
}
