import type { CommonValues } from '../../../../shared/path/definition.ts';
import type { Random } from '../../../../shared/random.ts';

/** Whether a step is meant for this lane at all; `sse-2` is a lane of the method `sse`. */
export function matchesLane({ lanes }: CommonValues, lane: string | null): boolean {
  return lanes === 'all' || lanes === lane?.replace(/-\d+$/, '');
}

/** Whether a step applies to this connection. The same random stream gives the same answer. */
export function appliesTo(params: CommonValues, lane: string | null, random: Random): boolean {
  if (!matchesLane(params, lane)) return false;
  return params.chance >= 1 || random.fork('chance').next() < params.chance;
}
