import type { Method } from '../../../shared/catalog.ts';

const HUES: Partial<Record<Method, string>> = {
  'short-polling': 'var(--short)',
  'long-polling': 'var(--long)',
  sse: 'var(--sse)',
  websocket: 'var(--ws)',
};

/** A method's colour; one that has none yet is drawn as text. */
export const hueOf = (method: Method): string => HUES[method] ?? 'var(--tx-2)';
