/**
 * One channel's events to many sockets, each event encoded once.
 *
 * This is the one file that writes past `ServerResponse` and `WebSocket` onto the raw socket under them. The reason is
 * cost: at a thousand readers `res.write` spends most of its time framing the same bytes again for each of them, and
 * one ready-made buffer written to each socket takes about two thirds of that. It is safe because the head has been
 * sent, whole chunks or frames are written, and nobody else writes in between.
 *
 * A slow reader has a position and no queue: once its socket is full it is left alone, and when the socket drains it
 * reads on from the log. If the log has moved past it meanwhile, it gets a gap.
 */
import type { Socket } from 'node:net';
import { formatCursor } from '../../shared/protocol/cursor.ts';
import type { Gap, LogEvent } from '../../shared/protocol/events.ts';
import type { ChannelLog } from '../log/event-log.ts';
import type { CatchUpQueue } from './catch-up.ts';

/** How events look on one kind of connection. */
export interface Format {
  event(event: LogEvent, channel: string): Buffer;
  gap(gap: Gap, channel: string): Buffer;
}

/** A session that events are written to. */
export interface EventSink {
  readonly socket: Socket;
  /** Whether it takes more right now. */
  ready(): boolean;
  /** Its socket is full: `ready` is false until it has drained, and then `Fanout.resume` is called. */
  stall(): void;
  /** The follower has everything, and nothing will follow. */
  finished(follower: Follower): void;
}

/** Where one reader of one channel has got to. */
export class Follower {
  readonly sink: EventSink;
  epoch: string;
  /** The seq of the last event written to it. */
  position: number;
  /** Place in the fan-out's list; -1 outside. */
  index = -1;

  constructor(outlet: EventSink, epoch: string, position: number) {
    this.sink = outlet;
    this.epoch = epoch;
    this.position = position;
  }
}

/** What catching up writes at once. */
const CATCH_UP_BYTES = 16 * 1024;
const CATCH_UP_EVENTS = 64;

export class Fanout {
  /** Events and gaps written, over all readers. */
  delivered = 0;
  gaps = 0;
  readonly format: Format;
  #log: ChannelLog;
  #catchUp: CatchUpQueue<Follower>;
  #followers: Follower[] = [];

  constructor(log: ChannelLog, format: Format, catchUp: CatchUpQueue<Follower>) {
    this.#log = log;
    this.#catchUp = catchUp;
    this.format = format;
  }

  get size(): number {
    return this.#followers.length;
  }

  /** Adds a reader and brings it up to date. */
  add(follower: Follower): void {
    follower.index = this.#followers.length;
    this.#followers.push(follower);
    this.pump(follower);
  }

  remove(follower: Follower): void {
    const { index } = follower;
    if (index < 0) return;
    follower.index = -1;
    const last = this.#followers.pop()!;
    if (last === follower) return;
    this.#followers[index] = last;
    last.index = index;
  }

  /** New events, dense and in order. Readers that were up to date get one write; the others catch up by themselves. */
  push(events: readonly LogEvent[]): void {
    if (this.#followers.length === 0 || events.length === 0) return;
    const from = events[0]!.seq - 1;
    const to = events.at(-1)!.seq;
    const bytes = join(events.map((event) => this.format.event(event, this.#log.name)));
    const followers = this.#followers;
    for (let i = followers.length - 1; i >= 0; i--) {
      const follower = followers[i]!;
      const { sink } = follower;
      if (!sink.ready()) continue;
      if (follower.position === from) {
        follower.position = to;
        this.delivered += events.length;
        if (!sink.socket.write(bytes)) sink.stall();
      } else if (follower.position < to) this.resume(follower);
    }
  }

  /** The reader's socket has drained: it catches up, once others had their turn. */
  resume(follower: Follower): void {
    this.#catchUp.add(follower, this);
  }

  /** The channel ended or was lost: everyone looks again. */
  pumpAll(): void {
    for (const follower of [...this.#followers]) this.pump(follower);
  }

  /** Writes on from where the reader is until its socket is full or it has everything. */
  pump(follower: Follower): void {
    const { sink } = follower;
    while (follower.index >= 0 && sink.ready()) {
      const bounds = this.#log.bounds();
      if (follower.epoch !== bounds.epoch || follower.position < bounds.floor) {
        const gap = gapAfter(follower, bounds);
        follower.epoch = bounds.epoch;
        follower.position = bounds.floor;
        this.gaps++;
        if (!sink.socket.write(this.format.gap(gap, this.#log.name))) sink.stall();
        continue;
      }
      if (follower.position >= bounds.newest) {
        if (bounds.ended) sink.finished(follower);
        return;
      }
      const encoded: Buffer[] = [];
      let bytes = 0;
      for (const event of this.#log.read(follower.position, CATCH_UP_EVENTS)) {
        const part = this.format.event(event, this.#log.name);
        encoded.push(part);
        follower.position = event.seq;
        bytes += part.length;
        if (bytes >= CATCH_UP_BYTES) break;
      }
      this.delivered += encoded.length;
      if (!sink.socket.write(join(encoded))) sink.stall();
    }
  }
}

function gapAfter(follower: Follower, bounds: { epoch: string; floor: number; newest: number }): Gap {
  const floor = formatCursor(bounds.epoch, bounds.floor);
  const sameEpoch = follower.epoch === bounds.epoch;
  return {
    reason: sameEpoch ? 'trimmed' : 'epoch',
    requested: formatCursor(follower.epoch, follower.position),
    epoch: bounds.epoch,
    floor,
    newest: formatCursor(bounds.epoch, bounds.newest),
    missed: sameEpoch ? bounds.floor - follower.position : null,
    resume: floor,
  };
}

const join = (parts: Buffer[]): Buffer => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));
