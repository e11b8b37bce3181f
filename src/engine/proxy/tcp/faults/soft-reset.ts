import { affectsDirection, DIRECTION_PARAM, directionSuffix } from './direction.ts';
import type { Fault } from './fault.ts';

/** What a proxy that ends TCP on both sides does: it has no reset to pass on, only an end. */
export const softReset: Fault = {
  id: 'soft-reset',
  label: 'Soft reset',
  what: 'A connection that one side resets ends with FIN for the other, as if it had been closed.',
  params: { dir: { ...DIRECTION_PARAM, label: 'Resets on their way' } },
  summary: (params) => `resets become FIN${directionSuffix(params)}`,
  affects: (dir, params) => affectsDirection(dir, params),
  resetsBecomeFin: true,
};
