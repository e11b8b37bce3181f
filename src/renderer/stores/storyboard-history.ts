/** What one may go back to. Changes of one kind in a row, such as letters typed, are one step back. */
export interface Moment {
  text: string;
  selected: number | null;
}

const DEEPEST = 200;

export class History {
  #past: Moment[] = [];
  #future: Moment[] = [];
  #last: string | null = null;

  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** @param kind changes of the same kind that follow each other are taken back together; null is by itself */
  note(before: Moment, kind: string | null): void {
    this.#future = [];
    if (kind === null || kind !== this.#last) {
      this.#past.push(before);
      if (this.#past.length > DEEPEST) this.#past.shift();
    }
    this.#last = kind;
  }

  /** The next change begins a new step back, whatever its kind. */
  rest(): void {
    this.#last = null;
  }

  undo(now: Moment): Moment | null {
    return this.#swap(this.#past, this.#future, now);
  }
  redo(now: Moment): Moment | null {
    return this.#swap(this.#future, this.#past, now);
  }

  #swap(from: Moment[], to: Moment[], now: Moment): Moment | null {
    const next = from.pop();
    this.#last = null;
    if (!next) return null;
    to.push(now);
    return next;
  }
}
