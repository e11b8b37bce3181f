import { METHOD_LABEL } from '../catalog.ts';
import type { ParamTable } from './params.ts';

/** Params that every step has besides its own: which connections it applies to. */
export const COMMON_PARAMS = {
  lanes: { kind: 'choice', label: 'Lanes', default: 'all', options: { all: 'All lanes', ...METHOD_LABEL } },
  chance: {
    kind: 'number',
    label: 'Chance',
    help: 'Share of connections it strikes, from 0 to 1; drawn once a connection.',
    default: 1,
    min: 0,
    max: 1,
  },
} as const satisfies ParamTable;
