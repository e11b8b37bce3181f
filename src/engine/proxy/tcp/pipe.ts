import type { Socket } from 'node:net';
import type { Direction } from './faults/fault.ts';
import { BUFFER_LIMIT, Pipeline, type AppliedStep, type PipelineOwner } from './pipeline.ts';

/** What one direction needs of its connection. */
export interface PipeOwner extends PipelineOwner {
  recordBytes(dir: Direction, bytes: number): void;
  /** Everything that was to come through has been written; `rst` when the source was reset. */
  pipeEnded(dir: Direction, kind: 'fin' | 'rst'): void;
  /** The connection is to be closed once this direction has been delivered. */
  closePending(dir: Direction): boolean;
}

/**
 * One direction of one connection. With no fault that touches bytes, a chunk goes from socket to socket in the turn it
 * arrives. Otherwise it goes through pipelines: the last one takes what arrives, the first one delivers, and one
 * delivers only when all before it are empty. That keeps the order over every change of settings.
 */
export class Pipe {
  readonly dir: Direction;
  #owner: PipeOwner;
  #source: Socket;
  #sink: Socket;
  #pipelines: Pipeline[] = [];
  #key = '';
  #closed = false;
  #ended = false;
  #resumeWriting: (() => void) | null = null;

  constructor(dir: Direction, source: Socket, sink: Socket, owner: PipeOwner) {
    this.dir = dir;
    this.#source = source;
    this.#sink = sink;
    this.#owner = owner;
  }

  /** Nothing is carried any more: all was delivered, or it was given up. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Starts to carry bytes. */
  start(): void {
    this.#source.on('data', this.#onData);
    this.#source.on('end', this.#onEnd);
    this.#sink.on('drain', this.#onDrain);
    // a socket that was in other hands before may be paused, or have ended already
    if (this.#source.isPaused()) this.#source.resume();
    if (this.#source.readableEnded) this.endSource('fin');
  }

  /** New faults, in the order in which this direction's bytes meet them. Nothing happens when none differs. */
  apply(steps: readonly AppliedStep[]): void {
    const key = steps.map((s) => s.key).join('+');
    if (key === this.#key || this.#closed) return;
    this.#key = key;
    const last = this.#pipelines.at(-1);
    if (this.#ended && !last) return; // all has been delivered
    const next = new Pipeline(this.dir, steps, this.#owner, () => this.#resume());
    this.#pipelines.push(next);
    // An end that waits inside the old pipeline ends the direction from there.
    if (last) last.handOver(this.#owner.clock.now());
    else void this.#deliver().catch((e: unknown) => this.#owner.faultThrew(e));
    this.#resume();
  }

  /** The source has nothing more to say, politely or not. */
  endSource(kind: 'fin' | 'rst'): void {
    if (this.#closed) return;
    if (this.#ended) {
      // A reset after a FIN that is still on its way: the FIN becomes one.
      if (kind === 'rst') for (const { queue } of this.#pipelines) if (queue.ended === 'fin') queue.ended = kind;
      return;
    }
    this.#ended = true;
    const last = this.#pipelines.at(-1);
    if (!last) this.#finish(kind);
    else last.queue.end(kind, this.#owner.clock.now());
  }

  /** Carries nothing any more; what is held is lost. The source stays readable, to nowhere. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.off('data', this.#onData);
    this.#source.off('end', this.#onEnd);
    this.#sink.off('drain', this.#onDrain);
    for (const pipeline of this.#pipelines) pipeline.drop();
    this.#pipelines = [];
    this.#resumeWriting?.();
  }

  #finish(kind: 'fin' | 'rst'): void {
    if (this.#closed) return;
    this.close();
    this.#source.resume(); // what a half-closed side still says is read, to nowhere
    this.#owner.pipeEnded(this.dir, kind);
  }

  #onData = (bytes: Buffer): void => {
    this.#owner.recordBytes(this.dir, bytes.length);
    if (this.#pipelines.length === 0) {
      if (!this.#sink.write(bytes)) this.#source.pause();
      return;
    }
    this.#pipelines.at(-1)!.queue.push(bytes, this.#owner.clock.now());
    if (this.#heldBytes() >= BUFFER_LIMIT) this.#source.pause();
  };

  #onEnd = (): void => this.endSource('fin');

  #onDrain = (): void => {
    const resume = this.#resumeWriting;
    this.#resumeWriting = null;
    resume?.();
    if (this.#pipelines.length === 0) this.#source.resume();
  };

  #heldBytes(): number {
    let size = 0;
    for (const pipeline of this.#pipelines) size += pipeline.queue.size;
    return size;
  }

  #resume(): void {
    if (!this.#closed && this.#source.isPaused() && this.#heldBytes() < BUFFER_LIMIT / 2) this.#source.resume();
  }

  /** False: the pipe is closed, and nothing more will be written. */
  async #write(bytes: Uint8Array): Promise<boolean> {
    if (!this.#closed && this.#sink.writableNeedDrain) await new Promise<void>((room) => (this.#resumeWriting = room));
    if (this.#closed) return false;
    if (bytes.length > 0) this.#sink.write(bytes);
    return true;
  }

  async #deliver(): Promise<void> {
    for (let current = this.#pipelines[0]; current && !this.#closed; current = this.#pipelines[0]) {
      if (current.passThrough) {
        for (let chunk = current.queue.take(); chunk; chunk = current.queue.take()) {
          if (!(await this.#write(chunk.bytes))) return;
        }
      } else {
        for await (const chunk of current.out) {
          if (!(await this.#write(chunk.bytes))) return;
        }
      }
      const { ended } = current.queue;
      if (ended === 'fin' || ended === 'rst') return this.#finish(ended);
      // A fault that returned by itself half-closes this direction.
      if (!current.passThrough && (ended === null || current.queue.abandoned || this.#owner.closePending(this.dir))) {
        return this.#finish('fin');
      }
      this.#pipelines.shift();
      // Nothing waits behind it: back to carrying bytes straight through.
      if (current.passThrough && this.#pipelines.length === 0 && !this.#sink.writableNeedDrain) this.#source.resume();
    }
  }
}
