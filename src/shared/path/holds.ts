import type { Hold } from './effect.ts';
import type { MetEffect } from './met-effects.ts';

const STRENGTH = { nothing: 0, moment: 1, next: 2, block: 3, end: 4 };

/** Events come late by more than a moment. */
const isStrong = ({ until }: Hold): boolean => STRENGTH[until] > STRENGTH.moment;

/** Several at once: the longest counts, and what turns it off only where that turns off all of them. */
export function holdOf(met: readonly MetEffect[]): Hold | null {
  const holds = met.flatMap(({ effect }) => (effect.kind === 'hold' ? effect : []));
  const [longest] = [...holds].sort((a, b) => STRENGTH[b.until] - STRENGTH[a.until]);
  if (!longest) return null;
  const { unless, gzipOnly, leads: _, ...hold } = longest;
  const strong = holds.filter(isStrong);
  const all = strong.length > 0 ? strong : [longest];
  return {
    ...hold,
    head: headOf(holds),
    ...(unless && all.every((h) => h.unless?.name === unless.name) && { unless }),
    ...(gzipOnly && all.every((h) => h.gzipOnly) && { gzipOnly }),
  };
}

/** A head that waits for the first byte waits for whatever holds that byte to the end of a block, or of all. */
function headOf(holds: readonly Hold[]): Hold['head'] {
  const waits = holds.filter(({ head }) => head !== 'at-once');
  const heldBody = holds.some(({ until, leads }) => (until === 'end' || until === 'block') && !leads);
  if (waits.some(({ head }) => head === 'as-body') || (waits.length > 0 && heldBody)) return 'as-body';
  return waits.length > 0 ? 'until-first-byte' : 'at-once';
}
