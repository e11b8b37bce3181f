import { METHOD_LABEL } from '../../../../shared/catalog.ts';
import type { ParamTable, ParamValues } from '../../../../shared/path/params.ts';
import type { Random } from '../../../../shared/random.ts';

/** Params that every fault has besides its own: which connections it applies to. */
export const COMMON_PARAMS: ParamTable = {
  lanes: { kind: 'choice', label: 'Lanes', default: 'all', options: { all: 'All lanes', ...METHOD_LABEL } },
  chance: {
    kind: 'number',
    label: 'Chance',
    help: 'Share of connections it strikes, from 0 to 1; drawn once a connection.',
    default: 1,
    min: 0,
    max: 1,
  },
};

/** Whether a fault is meant for this lane at all; `sse-2` is a lane of the method `sse`. */
export function matchesLane(params: ParamValues, lane: string | null): boolean {
  const lanes = params['lanes'] ?? 'all';
  return lanes === 'all' || lanes === lane?.replace(/-\d+$/, '');
}

/** Whether a fault applies to this connection. The same random stream gives the same answer. */
export function appliesTo(params: ParamValues, lane: string | null, random: Random): boolean {
  if (!matchesLane(params, lane)) return false;
  const chance = Number(params['chance'] ?? 1);
  return chance >= 1 || random.fork('chance').next() < chance;
}
