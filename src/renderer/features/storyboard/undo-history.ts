/** A state to undo to. Consecutive changes of one kind, such as typing, are one undo step. */
export interface EditorState {
  text: string;
  selected: number | null;
}

const MAX_DEPTH = 200;

export class UndoHistory {
  #past: EditorState[] = [];
  #future: EditorState[] = [];
  #lastKind: string | null = null;

  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** @param kind changes of the same kind that follow each other are taken back together; null is by itself */
  record(before: EditorState, kind: string | null): void {
    this.#future = [];
    if (kind === null || kind !== this.#lastKind) {
      this.#past.push(before);
      if (this.#past.length > MAX_DEPTH) this.#past.shift();
    }
    this.#lastKind = kind;
  }

  /** The next change begins a new undo step, whatever its kind. */
  endGroup(): void {
    this.#lastKind = null;
  }

  undo(now: EditorState): EditorState | null {
    return this.#swap(this.#past, this.#future, now);
  }
  redo(now: EditorState): EditorState | null {
    return this.#swap(this.#future, this.#past, now);
  }

  #swap(from: EditorState[], to: EditorState[], now: EditorState): EditorState | null {
    const next = from.pop();
    this.#lastKind = null;
    if (!next) return null;
    to.push(now);
    return next;
  }
}
