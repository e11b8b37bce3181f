import type { Method } from '../../catalog.ts';

/** What of a preset its sources leave open: how connections of a method end, its limit, its buffering, the Upgrade. */
export type UnsourcedFact = Exclude<Method, 'short-polling'> | 'limit' | 'buffering' | 'upgrade';

/** What is known of the real thing that a preset plays. Null is unknown. */
export interface PresetFacts {
  /** How much sooner or later than its limit it acts, in milliseconds: least and most, as measured. */
  timerOffsetMs?: readonly [number, number] | null;
  /** How the origin's connection ends when the limit strikes: `FIN`, `RST`, or in words. */
  originSees?: string | null;
  /** What it does differently for a client that speaks HTTP/2 with it. The path itself speaks HTTP/1.1 on both sides. */
  http2?: string | null;
  /** What becomes of connections when it is given another configuration. */
  reload?: string;
  /** How an event stream comes where it compresses. */
  gzipSse?: string;
  /** What becomes of an ETag where it compresses. */
  etag?: string;
  /** Its sources say that nothing is ended for being idle. */
  noIdleLimit?: true;
  /** Played so because something must be played: no source tells. */
  assumed?: readonly UnsourcedFact[];
  /** From general knowledge: no document was at hand. */
  fromMemory?: readonly UnsourcedFact[];
}

/** A named path. */
export interface PresetInfo extends PresetFacts {
  id: string;
  label: string;
  group: string;
  what: string;
  kind: 'built-in' | 'measured' | 'documented' | 'from memory';
  source: string;
  /** The faults it stands for, as one would type them after --via. */
  via: string;
}
