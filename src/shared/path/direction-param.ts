import type { Param } from './params.ts';

/** The `dir` param of faults that may act on one direction only. */
export const DIRECTION_PARAM = {
  kind: 'choice',
  label: 'Direction',
  default: 'both',
  options: { both: 'Both ways', up: 'Client to server', down: 'Server to client' },
} as const satisfies Param;

/** ` up` or ` down` for the short name; nothing when both ways. */
export const directionSuffix = ({ dir }: { dir: 'both' | 'up' | 'down' }): string => (dir === 'both' ? '' : ` ${dir}`);
