import type { Clock } from '../../shared/clock.ts';

/** What has come over a connection, and what more is waited for. */
export class Received<T> {
  readonly items: T[] = [];
  #ended = false;
  #waiting: (() => void)[] = [];

  get ended(): boolean {
    return this.#ended;
  }

  push(item: T): void {
    this.items.push(item);
    this.#changed();
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** Waits until it holds, no more can come, or time is up. @returns whether it holds */
  async until(holds: () => boolean, ms: number, clock: Clock): Promise<boolean> {
    const endsAt = clock.now() + ms;
    while (!holds() && !this.#ended) {
      const left = endsAt - clock.now();
      if (left <= 0) return false;
      const changed = Promise.withResolvers<void>();
      this.#waiting.push(changed.resolve);
      const cancel = clock.after(left, changed.resolve);
      await changed.promise;
      cancel();
    }
    return holds();
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
