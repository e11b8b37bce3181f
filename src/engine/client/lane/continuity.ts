import type { GapFact, ResumeFact } from '../../../shared/observation.ts';
import { parseDenseId, type DenseId } from '../../../shared/protocol/dense-id.ts';
import { countOf } from '../../wire/numbers.ts';
import { RecentIds } from './recent-ids.ts';

interface PendingResume {
  sent: string | null;
  after: string;
  /** Something is known of what came before: without it a resume proves nothing. */
  anchored: boolean;
  first: string | null;
  /** Null once an event came that has no id. */
  repeated: number | null;
  epochChanged: boolean;
  /** Numbers went back without an epoch that would explain it. */
  startedOver: boolean;
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
  #lastDenseId: DenseId | null;
  #lastId: string | null;
  /** The epoch that the server names outside of its ids. */
  #epoch: string | null = null;
  readonly #recentIds = new RecentIds();
  #pendingResume: PendingResume | null = null;

  constructor(dense: boolean, start: string | null) {
    this.#dense = dense;
    this.#lastDenseId = start === null ? null : this.#denseId(start);
    this.#lastId = start;
  }

  /** A reconnect asks to resume after `sent`. An earlier resume that nothing came of is the same one still. */
  resumeRequested(sent: string | null, after: string): void {
    const earlier = this.#pendingResume;
    this.#pendingResume = {
      sent,
      after,
      anchored: earlier?.anchored ?? this.#lastDenseId !== null,
      first: null,
      repeated: earlier ? earlier.repeated : 0,
      epochChanged: earlier?.epochChanged ?? false,
      startedOver: earlier?.startedOver ?? false,
      announced: undefined,
    };
  }

  /** One event arrived. `found` holds what this proves, in the order to be noted, before the event itself. */
  eventReceived(id: string | null, data = ''): { duplicate: boolean; found: ContinuityFact[] } {
    const pending = this.#pendingResume;
    const last = this.#lastDenseId;
    const current = id === null ? null : this.#denseId(id);
    if (pending) {
      pending.first ??= id;
      if (id === null) pending.repeated = null;
    }
    const wentBack = current !== null && last !== null && !hasEpoch(current, last) && current.seq <= last.seq;
    const duplicate = this.isRepeat(id, data);
    if (pending && wentBack && !(duplicate && current.seq === last.seq)) pending.startedOver = true;
    if (duplicate) {
      if (pending && pending.repeated !== null) pending.repeated++;
      if (current && last && !hasEpoch(current, last) && current.seq > last.seq) this.#lastDenseId = current;
      return { duplicate, found: [] };
    }
    const found: ContinuityFact[] = [];
    let skipped: number | null = null;
    if (current && last) {
      if (current.epoch !== last.epoch) {
        if (pending) pending.epochChanged = true;
        if (!pending || pending.announced === undefined) found.push(gapFact(this.#lastId, id, null, 'epoch'));
      } else if (wentBack) {
        found.push(gapFact(this.#lastId, id, null, 'unknown'));
      } else {
        skipped = countOf(Number(current.seq - last.seq - 1n));
        if (skipped !== 0) found.push(gapFact(this.#lastId, id, skipped, 'hole'));
      }
    }
    this.#remember(id, current, data);
    if (pending) found.push(this.#resumeFact(pending, skipped));
    return { duplicate, found };
  }

  /** The server announced that it cannot go on from where it was asked to. */
  gapAnnounced(from: string | null, to: string | null, missed: number | null, reason: string): ContinuityFact[] {
    const pending = this.#pendingResume;
    const next = to === null ? null : this.#denseId(to);
    if (pending) {
      pending.announced = missed;
      if (reason === 'epoch' || (next && this.#lastDenseId && next.epoch !== this.#lastDenseId.epoch))
        pending.epochChanged = true;
    }
    this.#lastDenseId = next;
    this.#lastId = to;
    return [gapFact(from, to, missed, reason)];
  }

  /** The server named the epoch its numbers belong to. Another one than before: the same numbers mean other events. */
  epochNamed(epoch: string): ContinuityFact[] {
    const before = this.#epoch;
    this.#epoch = epoch;
    // an id that carries its epoch tells by itself
    if (before === null || before === epoch || this.#lastDenseId === null || this.#lastDenseId.epoch !== '') return [];
    if (this.#pendingResume) this.#pendingResume.epochChanged = true;
    this.#lastDenseId = null;
    this.#recentIds.clear();
    return [gapFact(this.#lastId, null, null, 'epoch')];
  }

  /** Nothing newer than `cursor` exists: a resume that brought no event is proved by this too. */
  caughtUp(cursor: string | null): ContinuityFact[] {
    const pending = this.#pendingResume;
    if (!pending) return [];
    const at = cursor === null ? null : this.#denseId(cursor);
    const last = this.#lastDenseId;
    if (at && last && (at.epoch !== last.epoch || at.seq > last.seq)) return []; // more is on its way
    return [this.#resumeFact(pending, at && last && at.seq === last.seq ? 0 : null)];
  }

  /** The cursor moved without an event. */
  cursorMoved(cursor: string | null): void {
    // only the very first cursor tells where the lane starts
    if (this.#lastDenseId === null) this.#lastDenseId = cursor === null ? null : this.#denseId(cursor);
    if (this.#lastId === null) this.#lastId = cursor;
  }

  /** Whether an event would be one that was had before. Without an epoch the same number may mean another event. */
  isRepeat(id: string | null, data = ''): boolean {
    if (id === null) return false;
    const current = this.#denseId(id);
    const last = this.#lastDenseId;
    if (!current) return this.#recentIds.has(id);
    if (current.epoch === '') return this.#recentIds.has(id, data) || (id === this.#lastId && !this.#recentIds.has(id));
    return last !== null && current.epoch === last.epoch && current.seq <= last.seq;
  }

  #denseId(text: string): DenseId | null {
    return this.#dense ? parseDenseId(text) : null;
  }

  #remember(id: string | null, current: DenseId | null, data: string): void {
    if (id === null) return;
    this.#lastId = id;
    if (current) this.#lastDenseId = current;
    if (!current) this.#recentIds.add(id);
    else if (current.epoch === '') this.#recentIds.add(id, data);
  }

  /** @param skipped what the numbers say lies between the last event and now; null when they say nothing */
  #resumeFact(pending: PendingResume, skipped: number | null): ResumeFact {
    this.#pendingResume = null;
    const { sent, first, repeated, epochChanged, after, announced, anchored, startedOver } = pending;
    const known = anchored && !epochChanged && !startedOver && announced !== null && skipped !== null;
    const missed = known ? countOf((announced ?? 0) + skipped) : null;
    return { type: 'resume', sent, first, missed, repeated, epochChanged, after };
  }
}

const hasEpoch = (a: DenseId, b: DenseId): boolean => a.epoch !== '' || b.epoch !== '';

function gapFact(from: string | null, to: string | null, missed: number | null, reason: string): GapFact {
  return { type: 'gap', from, to, missed, reason };
}
