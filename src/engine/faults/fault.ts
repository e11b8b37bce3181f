import type { Clock } from '../../shared/clock.ts';
import type { Cause } from '../../shared/catalog.ts';
import type { FaultInfo, ParamValues } from '../../shared/params.ts';
import type { Random } from '../../shared/random.ts';

export type Direction = 'up' | 'down';

/** Bytes, and the engine time at which they reached the path. */
export interface Chunk {
  bytes: Uint8Array;
  at: number;
}

/** How the path ends a connection, on each side: FIN, RST, or without a word. */
export interface EndOrder {
  client: 'fin' | 'rst' | 'silence';
  server: 'fin' | 'rst' | 'silence';
  cause: Cause;
}

/** What both directions of one connection share. */
export interface Conn {
  readonly id: number;
  readonly lane: string | null;
  readonly openedAt: number;
  /** Engine time of the last byte that arrived, by direction. */
  lastByteAt: Record<Direction, number>;
  bytes: Record<Direction, number>;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when this stretch of settings ends or the connection does. */
  readonly signal: AbortSignal;
  end(order: EndOrder): void;
}

/**
 * One thing a network does to bytes. `pipe` takes stamped chunks and yields what goes on, when it may go on; returning
 * half-closes this direction. A fault never meets a socket.
 */
export interface Fault extends FaultInfo {
  pipe(dir: Direction, chunks: AsyncIterable<Chunk>, params: ParamValues, conn: Conn): AsyncIterable<Chunk>;
  /** Called once as a connection is accepted; `refuse` ends it here. */
  accept?(params: ParamValues, conn: Conn): void;
  /** The idle limit this fault imposes, when it does: what headroom is measured against. */
  idleLimitMs?(params: ParamValues): number | null;
}
