/** What a stream of a model or an agent comes to: when its tokens came. Plain data, as all of a tally. */
import type { TokenSummary } from '../lane-summary.ts';
import type { Observation } from '../observation.ts';
import { newHistogram, quantiles, record, type Histogram } from './latency.ts';

export interface TokenCounts {
  count: number;
  /** Engine time of a request whose first token has not come, where it began a stream and resumed none. */
  askedAt: number | null;
  /** Of the token before, on the same connection. */
  lastAt: number | null;
  toFirst: Histogram;
  gaps: Histogram;
  clumped: number;
  repeated: number;
  /** Tokens have ids: what came twice can be told. */
  haveIds: boolean;
  resumedBy: { method: string; cursor: string } | null;
}

export const newTokenCounts = (): TokenCounts => ({
  count: 0,
  askedAt: null,
  lastAt: null,
  toFirst: newHistogram(),
  gaps: newHistogram(),
  clumped: 0,
  repeated: 0,
  haveIds: false,
  resumedBy: null,
});

/** Less than this after the one before, ms: it came in the same go. */
const CLUMP_MS = 1;

export function foldTokens(counts: TokenCounts, o: Observation): void {
  if (o.type === 'request') {
    const { at, method, cursor } = o;
    counts.askedAt = cursor === undefined ? at : null;
    counts.lastAt = null;
    if (cursor !== undefined) counts.resumedBy = { method, cursor };
    return;
  }
  if (o.type !== 'event' || !o.token) return;
  if (o.id !== null) counts.haveIds = true;
  if (o.duplicate) {
    counts.repeated++;
    return;
  }
  counts.count++;
  if (counts.askedAt !== null) record(counts.toFirst, o.at - counts.askedAt);
  if (counts.lastAt !== null) {
    const gap = o.at - counts.lastAt;
    record(counts.gaps, gap);
    if (gap < CLUMP_MS) counts.clumped++;
  }
  counts.askedAt = null;
  counts.lastAt = o.at;
}

/**
 * @param missed of the lane's events; null where that cannot be known
 * @returns null where no token has come: the dialect names none, or there was none
 */
export function tokenSummary(counts: TokenCounts, missed: number | null): TokenSummary | null {
  if (counts.count === 0) return null;
  return {
    count: counts.count,
    timeToFirst: quantiles(counts.toFirst),
    gaps: quantiles(counts.gaps),
    clumped: counts.gaps.count === 0 ? null : counts.clumped,
    repeated: counts.haveIds ? counts.repeated : null,
    missed: counts.haveIds ? missed : null,
    resumedBy: counts.resumedBy,
  };
}
