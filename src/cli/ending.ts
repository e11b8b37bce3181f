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

/** How long a polite end may take. */
const POLITE_MS = 10_000;

/** Waits for something to end, but not for ever: whoever asked for the end wants it. */
export async function politely(end: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('late'), POLITE_MS);
  });
  if ((await Promise.race([end, late])) === 'late') {
    process.stderr.write(`heartline: not everything ended within ${POLITE_MS / 1000} s; leaving all the same.\n`);
  }
  clearTimeout(timer);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
