import type { Cursor } from '../../../shared/protocol/cursor.ts';
import type { GapFact, ResumeFact } from '../../../shared/observation.ts';
import { countOf } from '../../wire/numbers.ts';

/** How many ids are remembered where numbers tell nothing. */
const MAX_REMEMBERED_IDS = 10_000;

interface PendingResume {
  sent: string | null;
  after: string;
  first: string | null;
  repeated: number;
  epochChanged: boolean;
  /** What an announced gap said was lost; undefined when none was announced. */
  announced: number | null | undefined;
}

type ContinuityFact = GapFact | ResumeFact;

/**
 * What a lane remembers of what it has received: whether an event is a repeat, whether numbers skip, and what became
 * of each resume. Where ids are dense this proves; where they are not it says that it cannot know (`null`), never 0.
 */
export class ContinuityTracker {
  readonly #dense: boolean;
  #lastCursor: Cursor | null;
  #lastId: string | null;
  #recentIds = new Set<string>();
  #pendingResume: PendingResume | null = null;

  constructor(dense: boolean, start: string | null) {
    this.#dense = dense;
    this.#lastCursor = start === null ? null : parseDenseId(start);
    this.#lastId = start;
  }

  /** A reconnect asks to resume after `sent`. An earlier resume that nothing came of is the same one still. */
  resumeRequested(sent: string | null, after: string): void {
    const repeated = this.#pendingResume?.repeated ?? 0;
    this.#pendingResume = { sent, after, first: null, repeated, epochChanged: false, announced: undefined };
  }

  /** One event arrived. `found` holds what this proves, in the order to be noted, before the event itself. */
  eventReceived(id: string | null): { duplicate: boolean; found: ContinuityFact[] } {
    const pending = this.#pendingResume;
    if (pending) pending.first ??= id;
    const duplicate = this.isRepeat(id);
    if (duplicate) {
      if (pending) pending.repeated++;
      return { duplicate, found: [] };
    }
    const found: ContinuityFact[] = [];
    const cursor = this.#dense && id !== null ? parseDenseId(id) : null;
    let missed: number | null = this.#dense ? 0 : null;
    if (cursor && this.#lastCursor) {
      if (cursor.epoch !== this.#lastCursor.epoch) {
        if (pending) pending.epochChanged = true;
        missed = null;
        if (!pending || pending.announced === undefined) found.push(gapFact(this.#lastId, id, null, 'epoch'));
      } else {
        missed = cursor.seq - this.#lastCursor.seq - 1;
        if (missed > 0) found.push(gapFact(this.#lastId, id, missed, 'hole'));
      }
    } else if (!cursor) missed = null; // an id of another kind proves nothing
    this.#remember(id, cursor);
    if (pending) found.push(this.#resumeFact(pending, missed));
    return { duplicate, found };
  }

  /** The server announced that it cannot go on from where it was asked to. */
  gapAnnounced(from: string | null, to: string | null, missed: number | null, reason: string): ContinuityFact[] {
    const pending = this.#pendingResume;
    const next = to === null ? null : parseDenseId(to);
    if (pending) {
      pending.announced = missed;
      if (reason === 'epoch' || (next && this.#lastCursor && next.epoch !== this.#lastCursor.epoch))
        pending.epochChanged = true;
    }
    this.#lastCursor = next;
    this.#lastId = to;
    return [gapFact(from, to, missed, reason)];
  }

  /** Nothing newer than `cursor` exists: a resume that brought no event is proved by this too. */
  caughtUp(cursor: string | null): ContinuityFact[] {
    const pending = this.#pendingResume;
    if (!pending) return [];
    const at = this.#dense && cursor !== null ? parseDenseId(cursor) : null;
    if (at && this.#lastCursor && (at.epoch !== this.#lastCursor.epoch || at.seq > this.#lastCursor.seq)) return []; // more is on its way
    return [this.#resumeFact(pending, this.#dense && at && this.#lastCursor ? 0 : null)];
  }

  /** The cursor moved without an event. */
  cursorMoved(cursor: string | null): void {
    const at = cursor === null ? null : parseDenseId(cursor);
    // only the very first cursor tells where the lane starts
    if (this.#lastCursor === null) this.#lastCursor = at;
    if (this.#lastId === null) this.#lastId = cursor;
  }

  /** Whether an event of this id would be one that was had before. */
  isRepeat(id: string | null): boolean {
    if (id === null) return false;
    const cursor = this.#dense ? parseDenseId(id) : null;
    if (!cursor) return this.#recentIds.has(id);
    return this.#lastCursor !== null && cursor.epoch === this.#lastCursor.epoch && cursor.seq <= this.#lastCursor.seq;
  }

  #remember(id: string | null, cursor: Cursor | null): void {
    if (id === null) return;
    this.#lastId = id;
    if (cursor) this.#lastCursor = cursor;
    else {
      this.#recentIds.add(id);
      if (this.#recentIds.size > MAX_REMEMBERED_IDS) this.#recentIds.delete(this.#recentIds.values().next().value!);
    }
  }

  /** @param skipped what the numbers say lies between the last event and now; null when they say nothing */
  #resumeFact(pending: PendingResume, skipped: number | null): ResumeFact {
    this.#pendingResume = null;
    const { sent, first, repeated, epochChanged, after, announced } = pending;
    const known = this.#dense && !epochChanged && announced !== null && skipped !== null;
    const missed = known ? countOf((announced ?? 0) + skipped) : null;
    return { type: 'resume', sent, first, missed, repeated, epochChanged, after };
  }
}

/** `<epoch>.<seq>`, as ours are; a foreign endpoint that is said to be dense may have a shorter epoch, or none. */
function parseDenseId(text: string): Cursor | null {
  const m = /^(?:(\S{0,64})\.)?(\d{1,15})$/.exec(text);
  return m ? { epoch: m[1] ?? '', seq: Number(m[2]) } : null;
}

function gapFact(from: string | null, to: string | null, missed: number | null, reason: string): GapFact {
  return { type: 'gap', from, to, missed, reason };
}
