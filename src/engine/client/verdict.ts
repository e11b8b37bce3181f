/** What the end of a connection is called, once it is known who did what. Pure. */
import type { StateReason } from '../../shared/catalog.ts';
import type { DropFact } from '../../shared/observation.ts';
import type { Obituary } from './line.ts';
import type { Ended } from './signal.ts';

/** Why a lane waits after an end. An answer that came too soon is announced, hence no drop, yet a failed attempt. */
export function waitReason(end: Ended): StateReason {
  if (!end.announced) return 'back-off';
  if (end.retryMs !== null) return 'server-advice';
  return end.evidence.startsWith('status:') ? 'back-off' : 'announced-end';
}

/** The end as it would have been seen without a path that is none. */
export function throughDirect(end: Ended, { known }: Obituary): Ended {
  if (!known?.met || end.announced) return end;
  return { ...end, evidence: known.met.evidence, detail: known.met.detail, by: 'unknown' };
}

/** A drop: the evidence is the client's, the cause is what the engine knows, `detected` counts from the real end. */
export function dropFact(end: Ended, { silence, known }: Obituary, now: number): DropFact {
  if (known?.met) return { type: 'drop', ...seenBy(end), silence, detected: null };
  const cause = known?.cause ?? end.cause;
  // a server that let a sleeper go is still the one that ended it
  const told = known && (known.cause !== 'client-sleep' || end.evidence === 'silence');
  return {
    type: 'drop',
    ...seenBy(end),
    ...(cause ? { cause } : {}),
    by: told ? known.by : end.by,
    silence,
    detected: known ? Math.max(0, Math.round(now - known.at)) : null,
  };
}

function seenBy({ evidence, by, detail }: Ended): Pick<DropFact, 'evidence' | 'by' | 'detail'> {
  return { evidence, by, ...(detail ? { detail } : {}) };
}
