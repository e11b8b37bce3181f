/** How late this machine is: what a short timer waits beyond its time, all along. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 10;
/** Older than any probe lasts. */
const KEPT_MS = 60_000;

export class MachineDelay {
  /** Delays worth noting, oldest first. */
  #late: { at: number; ms: number }[] = [];
  #timer: NodeJS.Timeout;
  #all = monitorEventLoopDelay({ resolution: EVERY_MS });
  #due: number;

  constructor() {
    this.#all.enable();
    this.#due = performance.now() + EVERY_MS;
    this.#timer = setInterval(() => {
      const now = performance.now();
      const ms = now - this.#due;
      this.#due = now + EVERY_MS;
      if (ms < EVERY_MS) return;
      this.#late.push({ at: now, ms });
      while (this.#late[0]!.at < now - KEPT_MS) this.#late.shift();
    }, EVERY_MS);
    this.#timer.unref();
  }

  /** The worst since then, ms. */
  since(from: number): number {
    return this.#late.reduce((worst, { at, ms }) => (at >= from ? Math.max(worst, ms) : worst), 0);
  }

  /** `typically 1 ms, at worst 40 ms` */
  get words(): string {
    const ms = (ns: number): number => Math.max(0, Math.round(ns / 1e6 - EVERY_MS));
    return `${ms(this.#all.percentile(50))} ms as a rule, ${ms(this.#all.percentile(99))} ms one time in a hundred, ${ms(this.#all.max)} ms at worst`;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#all.disable();
  }
}
