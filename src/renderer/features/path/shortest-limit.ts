import { resolveVia } from '../../../shared/path/resolve.ts';
import { stepsOf } from '../../../shared/path/spec.ts';
import { durationLabel } from '../../ui/duration-label.ts';
import { isAged, isCut, outcomesOf } from './outcomes.ts';
import type { PathEntry } from './path-editor.ts';

/** The shortest time after which a path ends what is silent, for a list: `60 s`, `age 30 s`, `none`, `–` for unknown. */
export function shortestLimit(entry: PathEntry): string {
  try {
    const outcomes = outcomesOf(stepsOf(resolveVia([entry.via])), entry.preset);
    const [shortest] = outcomes.filter(isCut).sort((a, b) => a.end!.afterMs! - b.end!.afterMs!);
    if (shortest) return `${isAged(shortest) ? 'age ' : ''}${durationLabel(shortest.end!.afterMs!)}`;
    return outcomes.some(({ fate }) => fate === 'unknown') ? '–' : 'none';
  } catch {
    return '–';
  }
}
