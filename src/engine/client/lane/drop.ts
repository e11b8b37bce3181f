/** What the end of a connection is called, once it is known who did what. Pure. */
import type { StateReason } from '../../../shared/catalog.ts';
import type { DropFact, EndedFact } from '../../../shared/observation.ts';
import type { CloseReport } from '../net/network.ts';
import type { EndedSignal } from '../connection/signal.ts';

/** Why a lane waits after an end. An answer that came too soon is announced, hence no drop, yet a failed attempt. */
export function waitReason(end: EndedSignal): StateReason {
  if (!end.announced) return 'back-off';
  if (end.retryMs !== null) return 'server-advice';
  return end.evidence.startsWith('status:') ? 'back-off' : 'announced-end';
}

/**
 * The end as it was: what a close frame announces counts only where the server sent it, and a (direct) path's failed dial is
 * the lane's own.
 */
export function correctedEnd(end: EndedSignal, { known }: CloseReport): EndedSignal {
  if (end.announced && end.evidence.startsWith('close:') && known?.by === 'path') {
    return { ...end, announced: false, final: false };
  }
  if (!known?.dialFailure || end.announced) return end;
  return { ...end, evidence: known.dialFailure.evidence, detail: known.dialFailure.detail, by: 'unknown' };
}

/** A drop: the evidence is the client's, the cause is what the engine knows, `detected` counts from the real end. */
export function dropFact(end: EndedSignal, { silence, known }: CloseReport, age: number | null, now: number): DropFact {
  if (known?.dialFailure) return { type: 'drop', ...evidenceFields(end), silence, age: null, detected: null };
  const cause = known?.cause ?? end.cause;
  // a server that dropped a client which slept, or stood still, is still the one that ended it
  const absent = known?.cause === 'client-sleep' || known?.cause === 'stood-still';
  const byEngine = known && (!absent || end.evidence === 'silence');
  return {
    type: 'drop',
    ...evidenceFields(end),
    ...(cause ? { cause } : {}),
    by: byEngine ? known.by : end.by,
    silence,
    age,
    detected: known ? Math.max(0, Math.round(now - known.at)) : null,
  };
}

/** An end that was announced; null for an answer that merely tells a poller when to come back. */
export function endedFact(end: EndedSignal, age: number | null): EndedFact | null {
  const { evidence, by, reason = null, announced, why } = end;
  if (!announced || (evidence.startsWith('status:') && why !== 'ended')) return null;
  return { type: 'ended', by, reason: reason ?? (why === 'ended' ? 'ended' : null), announced, evidence, age };
}

function evidenceFields({
  evidence,
  by,
  detail,
  reason,
}: EndedSignal): Omit<DropFact, 'type' | 'silence' | 'detected'> {
  return { evidence, by, ...(reason ? { reason } : {}), ...(detail ? { detail } : {}) };
}
