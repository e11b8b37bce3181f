import type { Advice } from '../../shared/storm.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Random } from '../../shared/random.ts';

/** What a server that turns a client away tells it, in ms; null: nothing. The figures are those of our own server. */
export function adviceFor(
  advice: Advice,
  random: Pick<Random, 'next'>,
  line: { waiting: number; capacity: number },
): number | null {
  switch (advice) {
    case 'none':
      return null;
    case 'retry':
      return DEFAULTS.sseRetryMs * (1 + 2 * random.next());
    case 'retry-after':
      return 1000 * Math.ceil(1 + 2 * random.next());
    case 'queue':
      // anywhere in the time that the line takes: a place for each, without keeping a list
      return (1000 * line.waiting * random.next()) / line.capacity;
  }
}
