import type { Observation } from '../observation.ts';

/** What a lane cost. Plain data; bytes are those above TCP, heads and framing included. */
export interface Overhead {
  requests: number;
  /** 204, an empty 200, or a 304. */
  emptyResponses: number;
  /** Part of `emptyResponses`. */
  notModified: number;
  bytesIn: number;
  bytesOut: number;
}

export const newOverhead = (): Overhead => ({
  requests: 0,
  emptyResponses: 0,
  notModified: 0,
  bytesIn: 0,
  bytesOut: 0,
});

export function foldOverhead(c: Overhead, o: Observation): void {
  if (o.type === 'request') c.requests++;
  else if (o.type === 'response') {
    if (o.empty) c.emptyResponses++;
    if (o.status === 304) c.notModified++;
  } else if (o.type === 'traffic') {
    // running totals since the run began
    c.bytesIn = o.bytesIn;
    c.bytesOut = o.bytesOut;
  }
}

/** All bytes, both ways, for each event that was new; to a tenth of a byte. Null before the first event. */
export function bytesPerEvent(c: Overhead, unique: number): number | null {
  return unique === 0 ? null : Math.round(((c.bytesIn + c.bytesOut) / unique) * 10) / 10;
}
