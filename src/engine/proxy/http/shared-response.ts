import { setField, type Field, type ResponseHead } from './message.ts';
import type { UpstreamFailure, Exchange, ResponseSink, BodyFilter } from './policy.ts';

/** One answer that several exchanges get: from its beginning, whenever they join, and as it comes. */
export class SharedResponse {
  #head: ResponseHead | null = null;
  #pieces: Buffer[] = [];
  #sinks = new Set<ResponseSink>();
  #outcome: 'whole' | 'broken' | null = null;

  get body(): Buffer | null {
    return this.#outcome === 'whole' ? Buffer.concat(this.#pieces) : null;
  }

  /** @param fields that this one gets beside what the origin said, where the head is there already */
  join(x: Exchange, fields: readonly Field[] = []): void {
    const sink = x.openResponse();
    if (this.#head) {
      const head = copyHead(this.#head);
      for (const [name, value] of fields) setField(head, name, value);
      sink.head(head);
    }
    for (const piece of this.#pieces) sink.payload(piece);
    if (this.#outcome === 'whole') return sink.complete();
    if (this.#outcome === 'broken') return sink.upstreamClosed('fin', 'the shared answer broke off');
    this.#sinks.add(sink);
    x.onceOver(() => this.#sinks.delete(sink));
  }

  /** Sends what this exchange gets to all who join. Its `done` hook has to call `finish`. */
  recordFrom(x: Exchange, emit: (bytes: Uint8Array) => void): BodyFilter {
    this.#head = copyHead(x.response!);
    for (const feed of this.#sinks) feed.head(copyHead(this.#head));
    x.onceOver(() => this.#close('broken'));
    return {
      holdsHead: false,
      push: (bytes) => {
        const piece = Buffer.from(bytes);
        this.#pieces.push(piece);
        for (const feed of this.#sinks) feed.payload(piece);
        emit(bytes);
      },
      end() {},
      drop() {},
    };
  }

  finish(): void {
    this.#close('whole');
  }

  #close(outcome: 'whole' | 'broken', failure: UpstreamFailure = 'fin'): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    for (const feed of [...this.#sinks]) {
      if (outcome === 'whole') feed.complete();
      else feed.upstreamClosed(failure, 'the shared answer broke off');
    }
    this.#sinks.clear();
  }
}

const copyHead = (head: ResponseHead): ResponseHead => ({ ...head, fields: head.fields.map(([n, v]) => [n, v]) });
