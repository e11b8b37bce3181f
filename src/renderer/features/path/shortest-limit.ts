import type { FaultInfo, PresetInfo } from '../../../shared/path/params.ts';
import type { PathEntry } from './path-editor.ts';
import { parseStack, draftValues } from '../../fault-form/fault-draft.ts';
import { outcomesOf } from './outcomes.ts';
import { durationLabel } from '../../ui/duration-label.ts';

/** The shortest time after which a path ends what is silent, for a list: `60 s`, `age 30 s`, `none`, `–` for unknown. */
export function shortestLimit(entry: PathEntry, faults: readonly FaultInfo[], presets: readonly PresetInfo[]): string {
  try {
    const steps =
      parseStack(entry.via, faults, presets)?.map((d) => ({ name: d.info.id, params: draftValues(d) })) ?? null;
    const outcomes = outcomesOf(steps, entry.preset);
    const shortest = outcomes.filter((o) => o.kind === 'cut').sort((a, b) => a.afterMs! - b.afterMs!)[0];
    if (shortest) return `${shortest.aged ? 'age ' : ''}${durationLabel(shortest.afterMs!)}`;
    return outcomes.some((o) => o.kind === 'unknown') ? '–' : 'none';
  } catch {
    return '–';
  }
}
