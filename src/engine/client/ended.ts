/** How a connection's last signal is made. By default an end is a drop: not announced, not final, no advice. */
import type { EndedBy, Evidence } from '../../shared/catalog.ts';
import type { Ended } from './signal.ts';

export function ended(evidence: Evidence, more: Partial<Omit<Ended, 'kind' | 'evidence'>> = {}): Ended {
  return { kind: 'ended', evidence, by: whoEnds(evidence), announced: false, final: false, retryMs: null, ...more };
}

/** Who ends it, as far as the evidence alone tells: a FIN or RST may come from the path as well as from the server. */
function whoEnds(evidence: Evidence): EndedBy {
  if (evidence === 'fin' || evidence === 'rst' || evidence === 'dns' || evidence === 'refused') return 'unknown';
  if (evidence === 'connect-timeout' || evidence === 'tls') return 'unknown';
  if (evidence === 'silence' || evidence === 'no-answer' || evidence === 'protocol' || evidence === 'offline') {
    return 'client';
  }
  return evidence.startsWith('status:') ? 'unknown' : 'server';
}
