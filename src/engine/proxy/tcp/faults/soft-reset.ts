import type { softReset as definition } from '../../../../shared/path/faults/soft-reset.ts';
import { affectsDirection } from './direction.ts';
import type { FaultImpl } from './fault.ts';

/** What a proxy that ends TCP on both sides does: it has no reset to pass on, only an end. */
export const softReset: FaultImpl<typeof definition> = {
  affects: (dir, params) => affectsDirection(dir, params),
  resetsBecomeFin: true,
};
