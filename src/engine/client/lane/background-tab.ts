import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Fact } from '../../../shared/observation.ts';
import type { FreezableClock } from './freezable-clock.ts';

/** Chromium lets timers of a page that has been hidden for 5 min fire once a minute (intensive throttling). */
const TIMERS_EVERY_MS = 60_000;

interface BackgroundTabOptions {
  /** Engine time. */
  clock: Clock;
  laneClock: FreezableClock;
  note: (fact: Fact) => void;
}

/** A lane whose tab is in the background: its timers are slowed, its network is not, and a browser's pongs are no timer. */
export class BackgroundTab {
  readonly #options: BackgroundTabOptions;
  #cancel: Cancel | null = null;

  constructor(options: BackgroundTabOptions) {
    this.#options = options;
  }

  /** Once more while it lasts: it lasts so long from now. */
  begin(ms: number): void {
    const { clock, laneClock, note } = this.#options;
    if (this.#cancel) this.#cancel();
    else {
      note({ type: 'setting', name: 'timers', value: 'once a minute, as of a tab in the background' });
      laneClock.throttle(TIMERS_EVERY_MS);
    }
    this.#cancel = clock.after(ms, () => this.end());
  }

  end(): void {
    if (!this.#cancel) return;
    this.close();
    this.#options.note({ type: 'setting', name: 'timers', value: 'as usual' });
    this.#options.laneClock.unthrottle();
  }

  /** Ends without a word. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
