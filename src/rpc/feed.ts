import type { FeedBatch, LabSnapshot } from '../shared/api.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import type { Observation } from '../shared/observation.ts';

/** Where a feed takes its facts from. */
export interface FeedSource {
  snapshot(): LabSnapshot;
  listen(fn: (o: Observation) => void): Cancel;
  /** Engine time, where it is not that of the clock which the feed runs on. */
  engineTime?(): number;
  /** How far the recording has grown; null when there is none. */
  recordingBytes?(): number | null;
}

export interface FeedSink {
  snapshot(snapshot: LabSnapshot, seq: number): void;
  batch(batch: FeedBatch): void;
  readonly congested: boolean;
}

/** Real milliseconds between batches: about 30 a second. */
const FRAME_MS = 33;
/** A batch without observations tells a page that time goes on and the engine lives. */
const IDLE_MS = 1000;
const MAX_UNACKED = 4;
/** More than this between two frames is told as a snapshot. */
const MAX_PENDING = 5000;

/**
 * A snapshot, then numbered batches. A page that does not acknowledge is sent nothing more, and nothing is kept for it:
 * what it did not see is folded into the snapshot it gets when it has caught up. So a stalled page costs the engine
 * four messages and no more.
 */
export class Feed {
  #source: FeedSource;
  #clock: Clock;
  #sink: FeedSink;
  #seq = 0;
  #acked = 0;
  #pending: Observation[] = [];
  /** The next thing to send is a snapshot; until then observations are not kept. */
  #snapshotDue = false;
  /** The page fell behind: first it takes all it was sent. */
  #stalled = false;
  #timer: Cancel | null = null;
  #frameDue = false;
  #unlisten: Cancel | null = null;

  constructor(source: FeedSource, clock: Clock, out: FeedSink) {
    this.#source = source;
    this.#clock = clock;
    this.#sink = out;
  }

  /** Starts the feed, or starts it over: the first thing sent is a snapshot. */
  start(): void {
    this.#unlisten ??= this.#source.listen((o) => this.#onObservation(o));
    this.#discardPending();
    this.#flush();
  }

  /** Everything up to `seq` has been taken. */
  ack(seq: number): void {
    this.#acked = Math.max(this.#acked, Math.min(seq, this.#seq));
    if (this.#unacked > 0 || !this.#stalled) return;
    this.#stalled = false;
    this.#flush();
  }

  close(): void {
    this.#unlisten?.();
    this.#unlisten = null;
    this.#timer?.();
    this.#timer = null;
    this.#pending = [];
  }

  get #unacked(): number {
    return this.#seq - this.#acked;
  }

  #onObservation(o: Observation): void {
    // A run begins: what a page holds of the old one is of no use to it.
    if (o.type === 'run' || this.#pending.length >= MAX_PENDING) this.#discardPending();
    else if (!this.#snapshotDue) this.#pending.push(o);
    if (!this.#frameDue && !this.#stalled) this.#schedule(FRAME_MS);
  }

  #discardPending(): void {
    this.#snapshotDue = true;
    this.#pending = [];
  }

  #flush(): void {
    if (!this.#unlisten) return;
    this.#send();
    this.#schedule(this.#snapshotDue && !this.#stalled ? FRAME_MS : IDLE_MS);
  }

  #send(): void {
    if (this.#unacked >= MAX_UNACKED) {
      this.#stalled = true;
      this.#discardPending();
    } else if (this.#sink.congested) this.#discardPending();
    else if (this.#stalled) return;
    else if (this.#snapshotDue) {
      this.#snapshotDue = false;
      this.#sink.snapshot(this.#source.snapshot(), ++this.#seq);
    } else {
      const observations = this.#pending;
      this.#pending = [];
      const recordingBytes = this.#source.recordingBytes?.() ?? null;
      this.#sink.batch({
        seq: ++this.#seq,
        now: Math.round(this.#source.engineTime?.() ?? this.#clock.now()),
        observations,
        ...(recordingBytes === null ? {} : { recordingBytes }),
      });
    }
  }

  /** Batches go out in real time: on a scaled clock the delay is multiplied. */
  #schedule(realMs: number): void {
    this.#timer?.();
    this.#frameDue = realMs === FRAME_MS;
    this.#timer = this.#clock.after(realMs * this.#clock.scale, () => {
      this.#frameDue = false;
      this.#flush();
    });
  }
}
