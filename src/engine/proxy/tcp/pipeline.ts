import type { Clock } from '../../../shared/clock.ts';
import type { Chunk, ConnectionContext, Direction, Fault } from './faults/fault.ts';
import type { StepValues } from '../../../shared/path/definition.ts';
import { ChunkQueue } from './chunk-queue.ts';

/** How much one direction of one connection may hold before the sender is made to wait. */
export const BUFFER_LIMIT = 1024 * 1024;

/** A fault with its params, as it acts on one connection. */
export interface AppliedStep {
  fault: Fault;
  params: StepValues;
  /** Tells two settings apart; equal keys mean that nothing changed. */
  key: string;
  /** It came with a preset: as the first thing done to HTTP in it, or otherwise. */
  preset?: 'first' | 'other';
  /** The methods whose connections it ends in a way that is only assumed. */
  assumed?: readonly string[];
}

/** What a pipeline needs of its connection. */
export interface PipelineOwner {
  readonly clock: Clock;
  contextFor(step: AppliedStep, signal: AbortSignal): ConnectionContext;
  /** A fault threw: a bug in the fault, and the end of the connection. */
  faultThrew(error: unknown): void;
}

/** One direction under one set of faults, from the change that began it to the change that ends it. */
export class Pipeline {
  readonly queue: ChunkQueue;
  readonly out: AsyncIterable<Chunk, void>;
  readonly passThrough: boolean;
  #ended = new AbortController();

  constructor(
    dir: Direction,
    /** In the order in which bytes meet them. */
    steps: readonly AppliedStep[],
    owner: PipelineOwner,
    /** Called when a chunk has left the queue. */
    taken: () => void,
  ) {
    this.queue = new ChunkQueue(taken);
    this.passThrough = steps.length === 0;
    let out: AsyncIterable<Chunk, void> = this.queue;
    steps.forEach((step, i) => {
      // Each fault after the first needs stamps and a queue of its own, or two delays would not overlap.
      const source = i === 0 ? out : readAhead(out, owner, this.#ended.signal);
      out = step.fault.pipe!(dir, source, step.params, owner.contextFor(step, this.#ended.signal));
    });
    this.out = out;
  }

  /** New settings take over: what is held goes on at once, and nothing more comes. */
  handOver(now: number): void {
    this.queue.end('handover', now);
    this.#ended.abort();
  }

  /** The connection is over: what is held is lost. */
  drop(): void {
    this.queue.discard();
    this.#ended.abort();
  }
}

/** Reads ahead into a bounded queue and stamps what comes. */
function readAhead(
  source: AsyncIterable<Chunk, void>,
  owner: PipelineOwner,
  signal: AbortSignal,
): AsyncIterable<Chunk, void> {
  let resume: (() => void) | null = null;
  const queue = new ChunkQueue(() => resume?.());
  const read = async (): Promise<void> => {
    for await (const chunk of source) {
      queue.push(chunk.bytes, owner.clock.now());
      while (queue.size >= BUFFER_LIMIT && !queue.ended && !signal.aborted)
        await new Promise<void>((r) => (resume = r));
      if (queue.ended) return; // the next fault stopped reading
    }
    // The empty chunk of the real end has already passed through; this only closes the queue.
    queue.end('handover', owner.clock.now());
  };
  void read().catch((e: unknown) => owner.faultThrew(e));
  signal.addEventListener('abort', () => resume?.(), { once: true });
  return queue;
}
