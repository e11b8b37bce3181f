import type { PollItem, PollMessages } from './answer.ts';

/** No list goes on for longer: a server whose next page always leads to another would be walked for ever. */
const MAX_PAGES = 50;

/** The pages of one list, while they are read: the first answer is what the lane goes by, the others add to it. */
export class Pages<First> {
  readonly first: First;
  readonly answer: PollMessages;
  readonly #newestFirst: boolean;
  readonly #visited: Set<string>;
  #pages: PollItem[][];
  /** There was another page, and it was left. */
  tooMany = false;

  constructor(first: First, answer: PollMessages, url: string, newestFirst: boolean) {
    this.first = first;
    this.answer = answer;
    this.#newestFirst = newestFirst;
    this.#visited = new Set([url]);
    this.#pages = [answer.items];
  }

  add(items: PollItem[]): void {
    this.#pages.push(items);
  }

  get count(): number {
    return this.#pages.length;
  }

  /**
   * Where to go on; null: the list is read.
   * @param isKnown whether an event was had before
   */
  next(link: string | null, from: string, isKnown: (item: PollItem) => boolean): string | null {
    const newest = this.#pages.at(-1)!;
    if (link === null || newest.length === 0 || newest.some(isKnown)) return null;
    const url = URL.canParse(link, from) ? new URL(link, from).href : null;
    if (url === null || !/^https?:/.test(url) || this.#visited.has(url)) return null;
    if (this.#pages.length >= MAX_PAGES) {
      this.tooMany = true;
      return null;
    }
    this.#visited.add(url);
    return url;
  }

  /** All that came, oldest first, as one answer. */
  whole(): PollMessages {
    const pages = this.#newestFirst ? this.#pages.toReversed() : this.#pages;
    return { ...this.answer, items: pages.flat() };
  }
}
