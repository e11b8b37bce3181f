/** How a command that runs on is ended: by a signal, by its own condition, or because nobody reads it any more. */
export class Shutdown {
  readonly requested: Promise<string>;
  #resolve!: (why: string) => void;
  #signals = 0;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    // A second signal exits at once.
    if (++this.#signals > 1) process.exit(signal === 'SIGINT' ? 130 : 143);
    this.#resolve(signal);
  };

  constructor() {
    this.requested = new Promise((resolve) => (this.#resolve = resolve));
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** Requests the shutdown; the first reason counts. */
  request(why: string): void {
    this.#resolve(why);
  }
}

/** How long an orderly shutdown may take. */
const SHUTDOWN_TIMEOUT_MS = 10_000;

/** Waits for something to end, but not for ever: whoever asked for the end wants it. */
export async function withDeadline(end: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('late'), SHUTDOWN_TIMEOUT_MS);
  });
  if ((await Promise.race([end, late])) === 'late') {
    process.stderr.write(
      `heartline: not everything ended within ${SHUTDOWN_TIMEOUT_MS / 1000} s; leaving all the same.\n`,
    );
  }
  clearTimeout(timer);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
