import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { ClosedInfo, CloseMode, Direction } from '../tcp/faults/fault.ts';
import type { AppliedStep } from '../tcp/pipeline.ts';
import type { ActivePolicy } from './active-policies.ts';
import type { Upstream } from './upstream.ts';

/** What an exchange needs of the client's connection. */
export interface ClientConnection {
  readonly lane: string | null;
  readonly clock: Clock;
  readonly store: Map<string, unknown>;
  /** As they are set now, nearest the client first. */
  readonly policies: readonly ActivePolicy[];
  /** Nothing written reaches the client any more. */
  readonly clientGone: boolean;
  /** False: wait for `drained`. */
  write(bytes: Uint8Array | string): boolean;
  openUpstream(): Promise<Upstream>;
  /** The origin's connection is free for the next request. */
  releaseUpstream(up: Upstream): void;
  recordBytes(dir: Direction, bytes: number): void;
  /** Reads on, or waits, at the client's side. */
  setReading(on: boolean): void;
  /** The exchange is over and another may follow. @param timers what runs until it does */
  exchangeFinished(timers: () => Cancel[]): void;
  /** Ends the client's connection and with it the exchange. */
  endClient(how: CloseMode, closed: ClosedInfo | null, step?: AppliedStep | null): void;
  faultFired(step: AppliedStep | null, closed: ClosedInfo): void;
  /** The rest of what the client has sent, raw, and all that follows. */
  startTunnel(): void;
}
