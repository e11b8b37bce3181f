/** Reserved pixel ranges in a row of labels. A label that does not fit is left out, never shortened. */
export class LabelSlots {
  readonly #taken: { x0: number; x1: number }[] = [];
  readonly #from: number;
  readonly #to: number;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  /** Takes the stretch when it is free and in sight. */
  reserve(x0: number, x1: number): boolean {
    if (x0 < this.#from || x1 > this.#to) return false;
    for (const t of this.#taken) if (x0 < t.x1 && x1 > t.x0) return false;
    this.#taken.push({ x0, x1 });
    return true;
  }

  /** Takes it in any case: what must never be left out. */
  claim(x0: number, x1: number): void {
    this.#taken.push({ x0, x1 });
  }
}
