/** How many ids are remembered where numbers tell nothing. */
const MAX_REMEMBERED_IDS = 10_000;

/** The newest ids of a lane, each with what its event said: the same id with other data is another event. Bounded. */
export class RecentIds {
  readonly #hashOf = new Map<string, number | null>();

  add(id: string, data?: string): void {
    this.#hashOf.set(id, data === undefined ? null : hash(data));
    if (this.#hashOf.size > MAX_REMEMBERED_IDS) this.#hashOf.delete(this.#hashOf.keys().next().value!);
  }

  /** @param data where only an event that says the same is a repeat */
  has(id: string, data?: string): boolean {
    const found = this.#hashOf.get(id);
    return found !== undefined && (data === undefined || found === hash(data));
  }

  clear(): void {
    this.#hashOf.clear();
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
