import type { OpenStep } from '../../../shared/dialect/model.ts';
import { expectationMatcher, type Matcher } from '../../client/dialect/matcher.ts';
import type { Subject } from '../../client/dialect/subject.ts';

/** What is sent and awaited, in order, before a connection counts as open. */
export class Opening {
  readonly #steps: { send: string | null; awaits: Matcher | null; withinMs: number; what: string }[];
  #next = 0;
  #waiting: { awaits: Matcher; what: string } | null = null;

  /** @param sends what each step sends; more than there are steps: sent after them */
  constructor(steps: readonly OpenStep[], sends: readonly (string | null)[]) {
    this.#steps = steps.map((step, i) => ({
      send: sends[i] ?? null,
      awaits: step.await && expectationMatcher(step.await),
      withinMs: step.withinMs,
      what: JSON.stringify(shownExpectation(step)),
    }));
    for (const send of sends.slice(steps.length)) {
      this.#steps.push({ send, awaits: null, withinMs: 0, what: '' });
    }
  }

  /** What is awaited, as a sentence names it. */
  get awaits(): string {
    return `the awaited message ${this.#waiting?.what ?? ''}`.trim();
  }

  /** @returns whether a message is the one that is waited for: `advance` goes on from it */
  takes(subject: Subject): boolean {
    if (!this.#waiting?.awaits(subject)) return false;
    this.#waiting = null;
    return true;
  }

  /** @returns what is sent now, and how long its answer may take; null: nothing is awaited any more */
  advance(): { sends: string[]; withinMs: number | null } {
    const sends: string[] = [];
    while (this.#next < this.#steps.length) {
      const { send, awaits, withinMs, what } = this.#steps[this.#next++]!;
      if (send !== null) sends.push(send);
      if (!awaits) continue;
      this.#waiting = { awaits, what };
      return { sends, withinMs };
    }
    return { sends, withinMs: null };
  }
}

function shownExpectation({ await: awaited }: OpenStep): unknown {
  if (awaited === null) return '';
  if ('like' in awaited) return awaited.like;
  return Object.fromEntries(
    awaited.conditions.map(({ on, pointer, test }) => [
      on === 'pointer' ? pointer : on,
      'equals' in test ? test.equals : test,
    ]),
  );
}
