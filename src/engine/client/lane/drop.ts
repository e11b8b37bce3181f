/** What the end of a connection is called, once it is known who did what. Pure. */
import type { StateReason } from '../../../shared/catalog.ts';
import type { DropFact } from '../../../shared/observation.ts';
import type { CloseReport } from '../net/network.ts';
import type { EndedSignal } from '../connection/signal.ts';

/** Why a lane waits after an end. An answer that came too soon is announced, hence no drop, yet a failed attempt. */
export function waitReason(end: EndedSignal): StateReason {
  if (!end.announced) return 'back-off';
  if (end.retryMs !== null) return 'server-advice';
  return end.evidence.startsWith('status:') ? 'back-off' : 'announced-end';
}

/** The end as the lane would have seen it without the (direct) path. */
export function asSeenWithoutPath(end: EndedSignal, { known }: CloseReport): EndedSignal {
  if (!known?.dialFailure || end.announced) return end;
  return { ...end, evidence: known.dialFailure.evidence, detail: known.dialFailure.detail, by: 'unknown' };
}

/** A drop: the evidence is the client's, the cause is what the engine knows, `detected` counts from the real end. */
export function dropFact(end: EndedSignal, { silence, known }: CloseReport, now: number): DropFact {
  if (known?.dialFailure) return { type: 'drop', ...evidenceFields(end), silence, detected: null };
  const cause = known?.cause ?? end.cause;
  // a server that dropped a sleeping client is still the one that ended it
  const byEngine = known && (known.cause !== 'client-sleep' || end.evidence === 'silence');
  return {
    type: 'drop',
    ...evidenceFields(end),
    ...(cause ? { cause } : {}),
    by: byEngine ? known.by : end.by,
    silence,
    detected: known ? Math.max(0, Math.round(now - known.at)) : null,
  };
}

function evidenceFields({ evidence, by, detail }: EndedSignal): Pick<DropFact, 'evidence' | 'by' | 'detail'> {
  return { evidence, by, ...(detail ? { detail } : {}) };
}
