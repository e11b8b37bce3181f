import type { Cancel, Clock } from '../../../../shared/clock.ts';
import type { Cause, Evidence } from '../../../../shared/catalog.ts';
import type { Definition, StepValues, Values } from '../../../../shared/path/definition.ts';
import type { Random } from '../../../../shared/random.ts';

/** `up`: client to server. `down`: server to client. */
export type Direction = 'up' | 'down';

/**
 * Bytes, and the engine time at which they reached this fault. An empty chunk is the end of the direction on its way
 * (FIN or RST): a fault that holds bytes holds it just the same, so that the end does not overtake them.
 */
export interface Chunk {
  bytes: Uint8Array;
  at: number;
}

/**
 * How one side is ended. `silence`: nothing is sent until that side sends, then RST, as load balancers that forgot a
 * flow do. `black-hole`: nothing, for good, as a firewall or NAT that forgot one.
 */
export type CloseMode = 'fin' | 'rst' | 'silence' | 'black-hole';

/** How the path ends a connection, on each side. */
export interface CloseCommand {
  client: CloseMode;
  server: CloseMode;
  cause: Cause;
  /** Not before everything this direction's pipe has let go is delivered. Without it: now, losing what is in flight. */
  after?: Direction;
  /** What the client got instead of a close: `504`. */
  clientGot?: string;
  /** What happened, for the journal: `60s without a byte`. */
  detail?: string;
  /** What the path itself met when it dialled, where it stands for no path at all. */
  met?: { evidence: Evidence; detail: string };
}

/** A close as the journal records it; a side that is `none` is not closed at all. */
export interface ClosedInfo extends Omit<CloseCommand, 'client' | 'server'> {
  client: CloseMode | 'none';
  server: CloseMode | 'none';
}

/** What both directions of one connection share. */
export interface ConnectionContext {
  readonly id: number;
  readonly lane: string | null;
  readonly openedAt: number;
  /** Engine time of the last byte that arrived, by direction. */
  readonly lastByteAt: Readonly<Record<Direction, number>>;
  readonly bytes: Readonly<Record<Direction, number>>;
  readonly clock: Clock;
  /** This fault's own stream on this connection. */
  readonly random: Random;
  /** Aborted when these settings are replaced or the connection ends. */
  readonly signal: AbortSignal;
  /** True once the connection was ended: what is held then is lost, not handed on. */
  readonly over: boolean;
  end(command: CloseCommand): void;
  /** Reports to the journal what a fault did to this connection without ending it. */
  reportClosed?(closed: ClosedInfo): void;
  /** Marks the connection as dead though it was not closed; the returned call unmarks it. */
  blackhole(cause: Cause): Cancel;
}

/**
 * What a network does to bytes. It never meets a socket. All of it is optional: a fault that only watches needs no
 * `pipe`, and bytes then pass it by at full speed.
 */
export interface FaultHooks<P = StepValues> {
  /**
   * Takes stamped chunks and yields what goes on, when it may go on; returning half-closes this direction. When
   * `conn.signal` aborts, yield what is held at once and go on without effect until the chunks end.
   */
  pipe?(
    dir: Direction,
    chunks: AsyncIterable<Chunk, void>,
    params: P,
    conn: ConnectionContext,
  ): AsyncIterable<Chunk, void>;
  /** False where `pipe` would change nothing: the direction is then left alone. Default: true. */
  affects?(dir: Direction, params: P): boolean;
  /** Called once as a connection is accepted, before the server is dialled. */
  accept?(params: P, conn: ConnectionContext): void;
  /** Called when the fault is applied to a connection, old or new. The returned call undoes it. */
  watch?(params: P, conn: ConnectionContext): Cancel | void;
  /** True: the listener is closed, so that dialling fails with ECONNREFUSED. */
  refusesConnections?(params: P): boolean;
  /** A RST becomes FIN in the directions it touches. */
  resetsBecomeFin?: true;
}

/** The implementation of a definition. */
export type FaultImpl<D extends Definition> = FaultHooks<Values<D>>;

/** A definition and its implementation, which take the same params. */
export interface Fault extends FaultHooks {
  readonly definition: Definition;
}
