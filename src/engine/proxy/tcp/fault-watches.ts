import type { ConnectionContext } from './faults/fault.ts';
import type { AppliedStep } from './pipeline.ts';

interface ActiveWatch {
  key: string;
  stop: () => void;
}

/** The faults that watch one connection, each for as long as its settings stay. */
export class FaultWatches {
  #active: ActiveWatch[] = [];

  /** @param contextFor what a fault sees of the connection, until it is stopped */
  apply(
    steps: readonly AppliedStep[],
    contextFor: (step: AppliedStep, signal: AbortSignal) => ConnectionContext,
  ): void {
    const old = this.#active;
    this.#active = [];
    const fresh: AppliedStep[] = [];
    for (const step of steps) {
      if (!step.fault.watch) continue;
      const at = old.findIndex((w) => w.key === step.key);
      if (at >= 0) this.#active.push(...old.splice(at, 1));
      else fresh.push(step);
    }
    for (const gone of old) gone.stop();
    for (const step of fresh) {
      const end = new AbortController();
      const context = contextFor(step, end.signal);
      const stopWatch = step.fault.watch!(step.params, context);
      const stop = (): void => {
        end.abort();
        stopWatch?.();
      };
      if (context.over) stop();
      else this.#active.push({ key: step.key, stop });
    }
  }

  stop(): void {
    for (const { stop } of this.#active.splice(0)) stop();
  }
}
