import type { Param, ParamValues } from '../../../../shared/path/params.ts';
import type { Direction } from './fault.ts';

/** The `dir` param of faults that may act on one direction only. */
export const DIRECTION_PARAM: Param = {
  kind: 'choice',
  label: 'Direction',
  default: 'both',
  options: { both: 'Both ways', up: 'Client to server', down: 'Server to client' },
};

export function affectsDirection(dir: Direction, params: ParamValues): boolean {
  return params['dir'] === undefined || params['dir'] === 'both' || params['dir'] === dir;
}

/** ` up` or ` down` for the short name; nothing when both ways. */
export function directionSuffix(params: ParamValues): string {
  return params['dir'] === 'up' || params['dir'] === 'down' ? ` ${params['dir']}` : '';
}
