import type { Clock } from '../../shared/clock.ts';
import type { ProbeOutcome, ProbeStep, ProbeStepName } from '../../shared/target-probe.ts';

/** How a step ended; the next step is taken only where it leaves a value to go on with. */
export interface StepResult<T> {
  outcome: ProbeOutcome;
  text: string;
  hint?: string;
  value?: T;
}

export const ok = <T>(text: string, value: T): StepResult<T> => ({ outcome: 'ok', text, value });
export const failed = (text: string, hint?: string): StepResult<never> => ({
  outcome: 'failed',
  text,
  ...(hint === undefined ? {} : { hint }),
});

const MAX_TEXT_LENGTH = 400;
/** Whatever a server says, it stays one line: controls, separators, changes of direction. */
const UNPRINTABLE = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** The steps of one method: each is timed, and no text of a server's leaves it with a secret or more than a line. */
export class StepList {
  readonly steps: ProbeStep[];
  readonly #clock: Clock;
  readonly #redact: (text: string) => string;
  readonly #onChange: () => void;

  constructor(o: {
    names: readonly ProbeStepName[];
    clock: Clock;
    redact: (text: string) => string;
    onChange: () => void;
  }) {
    this.steps = o.names.map((name) => ({ name, outcome: 'pending', took: null, text: '' }));
    this.#clock = o.clock;
    this.#redact = o.redact;
    this.#onChange = o.onChange;
  }

  /** @returns what to go on with; null ends the method's check */
  async run<T>(name: ProbeStepName, take: () => Promise<StepResult<T>>): Promise<T | null> {
    const step = this.steps.find((s) => s.name === name);
    if (!step) return null;
    const startedAt = this.#clock.now();
    step.outcome = 'running';
    this.#onChange();
    const { outcome, text, hint, value } = await take();
    step.outcome = outcome;
    step.took = Math.max(0, Math.round((this.#clock.now() - startedAt) * 10) / 10);
    step.text = this.#line(text);
    if (hint !== undefined) step.hint = this.#line(hint);
    this.#onChange();
    return value ?? null;
  }

  /** What has not been taken was not reached. */
  close(): void {
    for (const step of this.steps) {
      if (step.outcome === 'pending' || step.outcome === 'running') step.outcome = 'not-reached';
    }
    this.#onChange();
  }

  #line(text: string): string {
    const line = this.#redact(text).replaceAll(UNPRINTABLE, ' ').trim();
    return line.length > MAX_TEXT_LENGTH ? `${line.slice(0, MAX_TEXT_LENGTH)}…` : line;
  }
}
