import type { Cursor } from '../../shared/cursor.ts';
import type { GapFact, ResumeFact } from '../../shared/observation.ts';
import { countOf } from './numbers.ts';

/** How many ids are remembered where numbers tell nothing. */
const MEMORY = 10_000;

interface Pending {
  sent: string | null;
  after: string;
  first: string | null;
  repeated: number;
  epochChanged: boolean;
  /** What an announced gap said was lost; undefined when none was announced. */
  announced: number | null | undefined;
}

type Found = GapFact | ResumeFact;

/**
 * What a lane remembers of what it has received: whether an event is a repeat, whether numbers skip, and what became
 * of each resume. Where ids are dense this proves; where they are not it says that it cannot know (`null`), never 0.
 */
export class Continuity {
  readonly #dense: boolean;
  #last: Cursor | null;
  #lastText: string | null;
  #recent = new Set<string>();
  #pending: Pending | null = null;

  constructor(dense: boolean, start: string | null) {
    this.#dense = dense;
    this.#last = start === null ? null : denseId(start);
    this.#lastText = start;
  }

  /** A reconnect asks to resume after `sent`. An earlier resume that nothing came of is the same one still. */
  resuming(sent: string | null, after: string): void {
    const repeated = this.#pending?.repeated ?? 0;
    this.#pending = { sent, after, first: null, repeated, epochChanged: false, announced: undefined };
  }

  /** One event arrived. `found` holds what this proves, in the order to be noted, before the event itself. */
  event(id: string | null): { duplicate: boolean; found: Found[] } {
    const pending = this.#pending;
    if (pending) pending.first ??= id;
    const duplicate = this.isRepeat(id);
    if (duplicate) {
      if (pending) pending.repeated++;
      return { duplicate, found: [] };
    }
    const found: Found[] = [];
    const cursor = this.#dense && id !== null ? denseId(id) : null;
    let missed: number | null = this.#dense ? 0 : null;
    if (cursor && this.#last) {
      if (cursor.epoch !== this.#last.epoch) {
        if (pending) pending.epochChanged = true;
        missed = null;
        if (!pending || pending.announced === undefined) found.push(gap(this.#lastText, id, null, 'epoch'));
      } else {
        missed = cursor.seq - this.#last.seq - 1;
        if (missed > 0) found.push(gap(this.#lastText, id, missed, 'hole'));
      }
    } else if (!cursor) missed = null; // an id of another kind proves nothing
    this.#remember(id, cursor);
    if (pending) found.push(this.#resumed(pending, missed));
    return { duplicate, found };
  }

  /** The server announced that it cannot go on from where it was asked to. */
  gap(from: string | null, to: string | null, missed: number | null, reason: string): Found[] {
    const pending = this.#pending;
    const next = to === null ? null : denseId(to);
    if (pending) {
      pending.announced = missed;
      if (reason === 'epoch' || (next && this.#last && next.epoch !== this.#last.epoch)) pending.epochChanged = true;
    }
    this.#last = next;
    this.#lastText = to;
    return [gap(from, to, missed, reason)];
  }

  /** Nothing newer than `cursor` exists: a resume that brought no event is proved by this too. */
  caughtUp(cursor: string | null): Found[] {
    const pending = this.#pending;
    if (!pending) return [];
    const at = this.#dense && cursor !== null ? denseId(cursor) : null;
    if (at && this.#last && (at.epoch !== this.#last.epoch || at.seq > this.#last.seq)) return []; // more is on its way
    return [this.#resumed(pending, this.#dense && at && this.#last ? 0 : null)];
  }

  /** The cursor moved without an event. */
  moved(cursor: string | null): void {
    const at = cursor === null ? null : denseId(cursor);
    // nothing is known of what lies between, unless it is the very first word
    if (this.#last === null) this.#last = at;
    if (this.#lastText === null) this.#lastText = cursor;
  }

  /** Whether an event of this id would be one that was had before. */
  isRepeat(id: string | null): boolean {
    if (id === null) return false;
    const cursor = this.#dense ? denseId(id) : null;
    if (!cursor) return this.#recent.has(id);
    return this.#last !== null && cursor.epoch === this.#last.epoch && cursor.seq <= this.#last.seq;
  }

  #remember(id: string | null, cursor: Cursor | null): void {
    if (id === null) return;
    this.#lastText = id;
    if (cursor) this.#last = cursor;
    else {
      this.#recent.add(id);
      if (this.#recent.size > MEMORY) this.#recent.delete(this.#recent.values().next().value!);
    }
  }

  /** @param skipped what the numbers say lies between the last event and now; null when they say nothing */
  #resumed(pending: Pending, skipped: number | null): ResumeFact {
    this.#pending = null;
    const { sent, first, repeated, epochChanged, after, announced } = pending;
    const known = this.#dense && !epochChanged && announced !== null && skipped !== null;
    const missed = known ? countOf((announced ?? 0) + skipped) : null;
    return { type: 'resume', sent, first, missed, repeated, epochChanged, after };
  }
}

/** `<epoch>.<seq>`, as ours are; a foreign endpoint that is said to be dense may have a shorter epoch, or none. */
function denseId(text: string): Cursor | null {
  const m = /^(?:(\S{0,64})\.)?(\d{1,15})$/.exec(text);
  return m ? { epoch: m[1] ?? '', seq: Number(m[2]) } : null;
}

function gap(from: string | null, to: string | null, missed: number | null, reason: string): GapFact {
  return { type: 'gap', from, to, missed, reason };
}
