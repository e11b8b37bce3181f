/** How a command that runs on is ended: by a signal, by its own condition, or because nobody reads it any more. */
export class Ending {
  readonly asked: Promise<string>;
  #ask!: (why: string) => void;
  #signals = 0;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    // The second one means it.
    if (++this.#signals > 1) process.exit(signal === 'SIGINT' ? 130 : 143);
    this.#ask(signal);
  };

  constructor() {
    this.asked = new Promise((resolve) => (this.#ask = resolve));
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** Ends it; the first word counts. */
  ask(why: string): void {
    this.#ask(why);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
