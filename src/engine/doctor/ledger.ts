import type { DoctorCost } from '../../shared/doctor/report.ts';

/** What may be sent, and what has been: nothing goes out that has not been taken from here. */
export class Ledger {
  readonly budget: DoctorCost;
  readonly #spent = { requests: 0, connections: 0, messages: 0 };

  constructor(budget: DoctorCost) {
    this.budget = budget;
  }

  /** A connection with its first request. @returns whether there is one left */
  take(): boolean {
    const { requests, connections } = this.#spent;
    if (connections >= this.budget.connections || requests >= this.budget.requests) return false;
    this.#spent.connections++;
    return true;
  }

  /** One request, upgrades and followed redirects included, as it goes out. */
  noteRequest(): void {
    this.#spent.requests++;
  }

  /** How many requests are left. */
  get requestsLeft(): number {
    return this.budget.requests - this.#spent.requests;
  }

  /** @returns whether a message may still be sent */
  takeMessage(): boolean {
    if (this.#spent.messages >= this.budget.messages) return false;
    this.#spent.messages++;
    return true;
  }

  spent(elapsedMs: number): DoctorCost {
    return { ...this.#spent, seconds: Math.min(this.budget.seconds, Math.ceil(elapsedMs / 1000)) };
  }
}
