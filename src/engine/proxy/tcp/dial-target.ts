import { connect, type Socket } from 'node:net';
import type { Evidence } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { evidenceOfSocketError } from '../../evidence/socket-evidence.ts';

export interface DialOutcome {
  connected(): void;
  /** It cannot be reached; not after `connected`. */
  unreachable(evidence: Evidence, detail: string): void;
  /** The connection broke after it had been there. */
  broken(): void;
}

/** Dials a target. @returns the socket, and what cancels its timeout */
export function dialTarget(
  { host, port }: { host: string; port: number },
  clock: Clock,
  outcome: DialOutcome,
): { socket: Socket; cancelTimeout: Cancel } {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const timeout = DEFAULTS.connectTimeoutMs * clock.scale; // the dial is real, and so is its timeout
  const cancelTimeout = clock.after(timeout, () =>
    outcome.unreachable('connect-timeout', `no answer from ${host}:${port}`),
  );
  let connected = false;
  socket.on('error', (e: NodeJS.ErrnoException) => {
    if (connected) outcome.broken();
    else outcome.unreachable(evidenceOfSocketError(e), `${host}:${port} ${e.code ?? e.message}`);
  });
  socket.once('connect', () => {
    connected = true;
    cancelTimeout();
    outcome.connected();
  });
  return { socket, cancelTimeout };
}
