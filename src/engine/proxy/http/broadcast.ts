import { setField, type Field, type ResponseHead } from './framing.ts';
import type { Death, Exchange, Feed, Valve } from './policy.ts';

/** One answer that several exchanges get: from its beginning, whenever they join, and as it comes. */
export class Broadcast {
  #head: ResponseHead | null = null;
  #pieces: Buffer[] = [];
  #listeners = new Set<Feed>();
  #over: 'whole' | 'broken' | null = null;

  get whole(): Buffer | null {
    return this.#over === 'whole' ? Buffer.concat(this.#pieces) : null;
  }

  /** @param fields that this one gets beside what the origin said, where the head is there already */
  join(x: Exchange, fields: readonly Field[] = []): void {
    const feed = x.feed();
    if (this.#head) {
      const head = copy(this.#head);
      for (const [name, value] of fields) setField(head, name, value);
      feed.head(head);
    }
    for (const piece of this.#pieces) feed.payload(piece);
    if (this.#over === 'whole') return feed.complete();
    if (this.#over === 'broken') return feed.died('fin', 'the shared answer broke off');
    this.#listeners.add(feed);
    x.onceOver(() => this.#listeners.delete(feed));
  }

  /** Sends what this exchange gets to all who join. Its `done` hook has to call `finish`. */
  from(x: Exchange, emit: (bytes: Uint8Array) => void): Valve {
    this.#head = copy(x.response!);
    for (const feed of this.#listeners) feed.head(copy(this.#head));
    x.onceOver(() => this.#end('broken'));
    return {
      holdsHead: false,
      push: (bytes) => {
        const piece = Buffer.from(bytes);
        this.#pieces.push(piece);
        for (const feed of this.#listeners) feed.payload(piece);
        emit(bytes);
      },
      end() {},
      drop() {},
    };
  }

  finish(): void {
    this.#end('whole');
  }

  #end(how: 'whole' | 'broken', death: Death = 'fin'): void {
    if (this.#over) return;
    this.#over = how;
    for (const feed of [...this.#listeners]) {
      if (how === 'whole') feed.complete();
      else feed.died(death, 'the shared answer broke off');
    }
    this.#listeners.clear();
  }
}

const copy = (head: ResponseHead): ResponseHead => ({ ...head, fields: head.fields.map(([n, v]) => [n, v]) });
