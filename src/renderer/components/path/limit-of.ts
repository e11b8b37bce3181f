import type { FaultInfo, PresetInfo } from '../../../shared/params.ts';
import type { PathEntry } from '../../stores/path-desk.ts';
import { stackOf, valuesOf } from '../run/path-draft.ts';
import { outcomesOf } from './outcomes.ts';
import { spanWords } from './span-words.ts';

/** The shortest time after which a path ends what is silent, for a list: `60 s`, `age 30 s`, `none`, `–` for unknown. */
export function limitOf(entry: PathEntry, faults: readonly FaultInfo[], presets: readonly PresetInfo[]): string {
  try {
    const steps = stackOf(entry.via, faults, presets)?.map((d) => ({ name: d.info.id, params: valuesOf(d) })) ?? null;
    const outcomes = outcomesOf(steps, entry.preset);
    const shortest = outcomes.filter((o) => o.kind === 'cut').sort((a, b) => a.afterMs! - b.afterMs!)[0];
    if (shortest) return `${shortest.aged ? 'age ' : ''}${spanWords(shortest.afterMs!)}`;
    return outcomes.some((o) => o.kind === 'unknown') ? '–' : 'none';
  } catch {
    return '–';
  }
}
