import type { Clock } from '../../shared/clock.ts';
import type { Chunk, Conn, Direction, Fault } from '../faults/fault.ts';
import type { ParamValues } from '../../shared/params.ts';
import { Arrivals } from './arrivals.ts';

/** How much one direction of one connection may hold before the sender is made to wait. */
export const HOLD_BYTES = 1024 * 1024;

/** A fault with its params, as it acts on one connection. */
export interface Stage {
  fault: Fault;
  params: ParamValues;
  /** Tells two settings apart; equal keys mean that nothing changed. */
  key: string;
  /** It came with a preset: as the first thing done to HTTP in it, or otherwise. */
  preset?: 'first' | 'other';
  /** The methods whose connections it ends in a way that is only assumed. */
  assumed?: readonly string[];
}

/** What a stretch needs of its connection. */
export interface StretchOwner {
  readonly clock: Clock;
  connFor(stage: Stage, signal: AbortSignal): Conn;
  /** A fault threw: a bug in the fault, and the end of the connection. */
  broke(error: unknown): void;
}

/** One direction under one set of faults, from the change that began it to the change that ends it. */
export class Stretch {
  readonly arrivals: Arrivals;
  readonly out: AsyncIterable<Chunk>;
  readonly plain: boolean;
  #end = new AbortController();

  constructor(
    dir: Direction,
    /** In the order in which bytes meet them. */
    stages: readonly Stage[],
    owner: StretchOwner,
    /** Called when something has left the queue of arrivals. */
    taken: () => void,
  ) {
    this.arrivals = new Arrivals(taken);
    this.plain = stages.length === 0;
    let out: AsyncIterable<Chunk> = this.arrivals;
    stages.forEach((stage, i) => {
      // Each fault after the first needs stamps and a queue of its own, or two delays would not overlap.
      const source = i === 0 ? out : eager(out, owner, this.#end.signal);
      out = stage.fault.pipe!(dir, source, stage.params, owner.connFor(stage, this.#end.signal));
    });
    this.out = out;
  }

  /** New settings take over: what is held goes on at once, and nothing more comes. */
  handOver(now: number): void {
    this.arrivals.end('handover', now);
    this.#end.abort();
  }

  /** The connection is over: what is held is lost. */
  drop(): void {
    this.arrivals.discard();
    this.#end.abort();
  }
}

/** Reads ahead into a bounded queue and stamps what comes. */
function eager(source: AsyncIterable<Chunk>, owner: StretchOwner, signal: AbortSignal): AsyncIterable<Chunk> {
  let room: (() => void) | null = null;
  const queue = new Arrivals(() => room?.());
  const read = async (): Promise<void> => {
    for await (const chunk of source) {
      queue.push(chunk.bytes, owner.clock.now());
      while (queue.size >= HOLD_BYTES && !queue.ended && !signal.aborted) await new Promise<void>((r) => (room = r));
      if (queue.ended) return; // the fault behind has had enough
    }
    // The empty chunk of the real end has already passed through; this only closes the queue.
    queue.end('handover', owner.clock.now());
  };
  void read().catch((e: unknown) => owner.broke(e));
  signal.addEventListener('abort', () => room?.(), { once: true });
  return queue;
}
