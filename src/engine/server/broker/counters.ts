import { perMethod } from '../../../shared/catalog.ts';
import type { Session } from './session.ts';

/** The counters of a server. */
export class Counters {
  requests = perMethod(() => 0);
  /** Events handed to pollers; the fan-outs count the rest themselves. */
  polled = 0;
  published = 0;
  duplicates = 0;
  refused: Record<string, number> = {};
  gaps: Record<string, number> = {};
  /** Connections the server itself ended, by reason. */
  ended: Record<string, number> = {};
  streams = 0;
  held = 0;
  sockets = 0;

  countSession(kind: Session['kind'], by: 1 | -1): void {
    if (kind === 'stream') this.streams += by;
    else if (kind === 'held') this.held += by;
    else this.sockets += by;
  }

  increment(table: Record<string, number>, key: string): void {
    table[key] = (table[key] ?? 0) + 1;
  }
}
