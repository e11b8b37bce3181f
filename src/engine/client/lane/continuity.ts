import type { IdRules } from '../../../shared/dialect/model.ts';
import type { GapFact, ResumeFact } from '../../../shared/observation.ts';
import type { DenseId } from '../../../shared/protocol/dense-id.ts';
import { countOf } from '../../wire/numbers.ts';
import { IdReader } from '../dialect/ids.ts';
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

/** What an event says of its place among the others. */
export interface EventPlace {
  id: string | null;
  data?: string;
  /** The id that it names as the one before it. */
  previous?: string | undefined;
  epoch?: string | undefined;
}

/**
 * What a lane remembers of what it has received: whether an event is a repeat, whether numbers skip, and what became
 * of each resume. Where ids are dense this proves; where they are not it says that it cannot know (`null`), never 0.
 */
export class ContinuityTracker {
  readonly #ids: IdReader;
  #lastNumber: DenseId | null;
  #lastId: string | null;
  /** The epoch that the server names outside of its ids. */
  #epoch: string | null = null;
  /** The epoch that the last event named beside its id. */
  #eventEpoch: string | null = null;
  readonly #recentIds = new RecentIds();
  #pendingResume: PendingResume | null = null;
  /** A gap was noted, and no event has come since: a second word on it is the same gap. */
  #gapNoted: { missed: number | null; epochChanged: boolean } | null = null;

  constructor(ids: IdRules, start: string | null) {
    this.#ids = new IdReader(ids);
    this.#lastNumber = start === null ? null : this.#ids.read(start);
    this.#lastId = start;
  }

  /** A reconnect asks to resume after `sent`. An earlier resume that nothing came of is the same one still. */
  resumeRequested(sent: string | null, after: string): void {
    const earlier = this.#pendingResume;
    this.#pendingResume = {
      sent,
      after,
      anchored: earlier?.anchored ?? (this.#lastNumber !== null || this.#gapNoted !== null),
      first: null,
      repeated: earlier ? earlier.repeated : 0,
      epochChanged: earlier?.epochChanged ?? this.#gapNoted?.epochChanged ?? false,
      startedOver: earlier?.startedOver ?? false,
      // a gap that the lane comes back from still counts
      announced: earlier && earlier.announced !== undefined ? earlier.announced : this.#gapNoted?.missed,
    };
  }

  /** One event arrived. `found` holds what this proves, in the order to be noted, before the event itself. */
  eventReceived({ id, data = '', previous, epoch }: EventPlace): { duplicate: boolean; found: ContinuityFact[] } {
    const pending = this.#pendingResume;
    const last = this.#lastNumber;
    const current = id === null ? null : this.#read(id, epoch);
    if (pending) {
      pending.first ??= id;
      if (id === null) pending.repeated = null;
    }
    const wentBack = current !== null && last !== null && !hasEpoch(current, last) && current.seq <= last.seq;
    const duplicate = this.isRepeat(id, data, epoch);
    if (pending && wentBack && !(duplicate && current.seq === last.seq)) pending.startedOver = true;
    if (duplicate) {
      if (pending && pending.repeated !== null) pending.repeated++;
      if (current && last && !hasEpoch(current, last) && current.seq > last.seq) this.#lastNumber = current;
      return { duplicate, found: [] };
    }
    const found: ContinuityFact[] = [];
    let skipped: number | null = null;
    if (current && last) {
      if (current.epoch !== last.epoch) {
        if (pending) pending.epochChanged = true;
        if (!pending || pending.announced === undefined) found.push(gapFact(this.#lastId, id, null, 'epoch'));
        // the same text means another event there
        this.#recentIds.clear();
      } else if (wentBack) {
        found.push(gapFact(this.#lastId, id, null, 'unknown'));
      } else if (this.#ids.dense) {
        skipped = countOf(Number(current.seq - last.seq - 1n));
        if (skipped !== 0) found.push(gapFact(this.#lastId, id, skipped, 'hole'));
      }
    }
    // what it names as the event before it is not what was had before it
    const expected = this.#lastId;
    if (previous !== undefined && expected !== null && previous !== expected && found.length === 0 && !this.#gapNoted) {
      found.push(gapFact(expected, id, null, 'previous'));
      skipped = null;
    }
    if (epoch !== undefined) this.#eventEpoch = epoch;
    this.#remember(id, current, data);
    if (pending) found.push(this.#resumeFact(pending, skipped));
    return { duplicate, found };
  }

  /**
   * The server announced that it cannot go on from where it was asked to.
   * @param base the id before the oldest that is still there
   */
  gapAnnounced(
    from: string | null,
    base: string | null,
    missed: number | null,
    reason: string,
    to = base,
  ): ContinuityFact[] {
    const pending = this.#pendingResume;
    const next = base === null ? null : this.#read(base);
    const epochChanged =
      reason === 'epoch' || (next !== null && this.#lastNumber !== null && next.epoch !== this.#lastNumber.epoch);
    if (pending) {
      pending.announced = missed;
      if (epochChanged) pending.epochChanged = true;
    }
    if (epochChanged) this.#recentIds.clear();
    this.#lastNumber = next;
    this.#lastId = base;
    if (this.#gapNoted) return [];
    this.#gapNoted = { missed, epochChanged };
    return [gapFact(from, to, missed, reason)];
  }

  /** From here on ids count anew, and what this replaces is not missed. */
  rebased(id: string | null): ContinuityFact[] {
    const pending = this.#pendingResume;
    this.#recentIds.clear();
    this.#lastNumber = id === null ? null : this.#read(id);
    this.#lastId = id;
    this.#gapNoted = null;
    if (!pending) return [];
    pending.first ??= id;
    const known = this.#ids.dense && pending.anchored && this.#lastNumber !== null;
    this.#pendingResume = null;
    const { sent, first, repeated, after } = pending;
    return [
      { type: 'resume', sent, first, missed: known ? 0 : null, repeated, epochChanged: pending.epochChanged, after },
    ];
  }

  /**
   * The server named the epoch its numbers belong to. Another one than before: the same numbers mean other events.
   * @param quiet a gap says so itself
   */
  epochNamed(epoch: string, quiet = false): ContinuityFact[] {
    const before = this.#epoch;
    this.#epoch = epoch;
    // an id that carries its epoch tells by itself
    if (before === null || before === epoch || (this.#lastNumber !== null && this.#lastNumber.epoch !== '')) return [];
    if (this.#pendingResume) this.#pendingResume.epochChanged = true;
    if (quiet || this.#lastId === null) return [];
    const from = this.#lastId;
    this.#lastNumber = null;
    this.#lastId = null;
    this.#recentIds.clear();
    this.#gapNoted = { missed: null, epochChanged: true };
    return [gapFact(from, null, null, 'epoch')];
  }

  /** Nothing newer than `cursor` exists: a resume that brought no event is proved by this too. */
  caughtUp(cursor: string | null): ContinuityFact[] {
    const pending = this.#pendingResume;
    if (!pending) return [];
    const at = cursor === null ? null : this.#read(cursor);
    const last = this.#lastNumber;
    if (at && last && (at.epoch !== last.epoch || at.seq > last.seq)) return []; // more is on its way
    const same = at !== null && last !== null && at.seq === last.seq;
    return [this.#resumeFact(pending, same && this.#ids.dense ? 0 : null)];
  }

  /** The cursor moved without an event. */
  cursorMoved(cursor: string | null): void {
    // only the very first cursor tells where the lane starts
    if (this.#lastNumber === null) this.#lastNumber = cursor === null ? null : this.#read(cursor);
    if (this.#lastId === null) this.#lastId = cursor;
  }

  /** Whether an event would be one that was had before. Without an epoch the same number may mean another event. */
  isRepeat(id: string | null, data = '', epoch?: string): boolean {
    if (id === null) return false;
    const current = this.#read(id, epoch);
    const last = this.#lastNumber;
    if (!current) return this.#recentIds.has(id);
    if (current.epoch === '') return this.#recentIds.has(id, data) || (id === this.#lastId && !this.#recentIds.has(id));
    return last !== null && current.epoch === last.epoch && current.seq <= last.seq;
  }

  /** Whether an id counts, where the dialect says that ids are dense. */
  isNumbered(id: string | null, epoch?: string): boolean {
    return id !== null && this.#read(id, epoch) !== null;
  }

  /** An id whose epoch each event names is of the epoch that was named last, where none is. */
  #read(id: string, epoch?: string): DenseId | null {
    return this.#ids.read(id, epoch ?? this.#eventEpoch);
  }

  #remember(id: string | null, current: DenseId | null, data: string): void {
    this.#gapNoted = null;
    if (id === null) return;
    this.#lastId = id;
    if (current) this.#lastNumber = current;
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
