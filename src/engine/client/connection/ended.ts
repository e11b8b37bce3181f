/** How a connection's last signal is made. By default an end is a drop: not announced, not final, no advice. */
import type { EndedBy, Evidence } from '../../../shared/catalog.ts';
import type { EndedSignal } from './signal.ts';

export function endedSignal(
  evidence: Evidence,
  more: Partial<Omit<EndedSignal, 'kind' | 'evidence'>> = {},
): EndedSignal {
  return {
    kind: 'ended',
    evidence,
    by: inferEndedBy(evidence),
    announced: false,
    final: false,
    retryMs: null,
    ...more,
  };
}

/** Who ends it, as far as the evidence alone tells: a FIN or RST may come from the path as well as from the server. */
function inferEndedBy(evidence: Evidence): EndedBy {
  if (evidence === 'fin' || evidence === 'rst' || evidence === 'dns' || evidence === 'refused') return 'unknown';
  if (evidence === 'connect-timeout' || evidence === 'tls') return 'unknown';
  if (evidence === 'silence' || evidence === 'no-answer' || evidence === 'protocol' || evidence === 'offline') {
    return 'client';
  }
  if (evidence === 'proxy') return 'unknown';
  if (evidence === 'deadline' || evidence === 'no-token') {
    return 'client';
  }
  return evidence.startsWith('status:') ? 'unknown' : 'server';
}
