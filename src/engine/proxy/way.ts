import type { Socket } from 'node:net';
import type { Direction } from '../faults/fault.ts';
import { HOLD_BYTES, Stretch, type Stage, type StretchOwner } from './stretch.ts';

/** What one direction needs of its connection. */
export interface WayOwner extends StretchOwner {
  saw(dir: Direction, bytes: number): void;
  /** Everything that was to come through has been written; `rst` when the source was reset. */
  ranDry(dir: Direction, kind: 'fin' | 'rst'): void;
  /** The connection is to be ended once this direction has run dry. */
  ending(dir: Direction): boolean;
}

/**
 * One direction of one connection. With no fault that touches bytes, a chunk goes from socket to socket in the turn it
 * arrives. Otherwise it goes through stretches: the last one takes what arrives, the first one delivers, and one
 * delivers only when all before it have run dry. That keeps the order over every change of settings.
 */
export class Way {
  readonly dir: Direction;
  #owner: WayOwner;
  #source: Socket;
  #sink: Socket;
  #stretches: Stretch[] = [];
  #key = '';
  #closed = false;
  #ended = false;
  #room: (() => void) | null = null;

  constructor(dir: Direction, source: Socket, sink: Socket, owner: WayOwner) {
    this.dir = dir;
    this.#source = source;
    this.#sink = sink;
    this.#owner = owner;
  }

  /** It carries nothing any more: run dry or given up. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Starts to carry bytes. */
  start(): void {
    this.#source.on('data', this.#onData);
    this.#source.on('end', this.#onEnd);
    this.#sink.on('drain', this.#onDrain);
    // a socket that was in other hands before may have been made to wait, or have said all it had to say
    if (this.#source.isPaused()) this.#source.resume();
    if (this.#source.readableEnded) this.finish('fin');
  }

  /** New faults, in the order in which this direction's bytes meet them. Nothing happens when none differs. */
  apply(stages: readonly Stage[]): void {
    const key = stages.map((s) => s.key).join('+');
    if (key === this.#key || this.#closed) return;
    this.#key = key;
    const last = this.#stretches.at(-1);
    if (this.#ended && !last) return; // all has been delivered
    const next = new Stretch(this.dir, stages, this.#owner, () => this.#resume());
    this.#stretches.push(next);
    // An end that waits inside the old stretch ends the direction from there.
    if (last) last.handOver(this.#owner.clock.now());
    else void this.#deliver().catch((e: unknown) => this.#owner.broke(e));
    this.#resume();
  }

  /** The source has nothing more to say, politely or not. */
  finish(kind: 'fin' | 'rst'): void {
    if (this.#closed) return;
    if (this.#ended) {
      // A reset after a FIN that is still on its way: the FIN becomes one.
      if (kind === 'rst')
        for (const { arrivals } of this.#stretches) if (arrivals.ended === 'fin') arrivals.ended = kind;
      return;
    }
    this.#ended = true;
    const last = this.#stretches.at(-1);
    if (!last) this.#dry(kind);
    else last.arrivals.end(kind, this.#owner.clock.now());
  }

  /** Carries nothing any more; what is held is lost. The source stays readable, to nowhere. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.off('data', this.#onData);
    this.#source.off('end', this.#onEnd);
    this.#sink.off('drain', this.#onDrain);
    for (const stretch of this.#stretches) stretch.drop();
    this.#stretches = [];
    this.#room?.();
  }

  #dry(kind: 'fin' | 'rst'): void {
    if (this.#closed) return;
    this.close();
    this.#source.resume(); // what a half-closed side still says is read, to nowhere
    this.#owner.ranDry(this.dir, kind);
  }

  #onData = (bytes: Buffer): void => {
    this.#owner.saw(this.dir, bytes.length);
    if (this.#stretches.length === 0) {
      if (!this.#sink.write(bytes)) this.#source.pause();
      return;
    }
    this.#stretches.at(-1)!.arrivals.push(bytes, this.#owner.clock.now());
    if (this.#held() >= HOLD_BYTES) this.#source.pause();
  };

  #onEnd = (): void => this.finish('fin');

  #onDrain = (): void => {
    const room = this.#room;
    this.#room = null;
    room?.();
    if (this.#stretches.length === 0) this.#source.resume();
  };

  #held(): number {
    let size = 0;
    for (const stretch of this.#stretches) size += stretch.arrivals.size;
    return size;
  }

  #resume(): void {
    if (!this.#closed && this.#source.isPaused() && this.#held() < HOLD_BYTES / 2) this.#source.resume();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#sink.writableNeedDrain) await new Promise<void>((room) => (this.#room = room));
    if (!this.#closed && bytes.length > 0) this.#sink.write(bytes);
  }

  async #deliver(): Promise<void> {
    for (let now = this.#stretches[0]; now && !this.#closed; now = this.#stretches[0]) {
      if (now.plain) {
        for (let chunk = now.arrivals.take(); chunk; chunk = now.arrivals.take()) {
          await this.#write(chunk.bytes);
          if (this.#closed) return;
        }
      } else {
        for await (const chunk of now.out) {
          if (this.#closed) return;
          await this.#write(chunk.bytes);
          if (this.#closed) return;
        }
      }
      const { ended } = now.arrivals;
      if (ended === 'fin' || ended === 'rst') return this.#dry(ended);
      // A fault that returned by itself half-closes this direction.
      if (!now.plain && (ended === null || now.arrivals.abandoned || this.#owner.ending(this.dir))) {
        return this.#dry('fin');
      }
      this.#stretches.shift();
      // Nothing waits behind it: back to carrying bytes straight through.
      if (now.plain && this.#stretches.length === 0 && !this.#sink.writableNeedDrain) this.#source.resume();
    }
  }
}
