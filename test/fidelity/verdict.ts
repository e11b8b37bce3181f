/** Whether a preset still does what the real program does. */
import { REASONS } from './reasons.ts';
import type { Cell } from './report.ts';

/** Of the cells of one preset. */
const LEAST = 0.95;

export interface Verdict {
  passed: boolean;
  /** It failed, but another release is installed than the preset was measured with: nothing follows from that. */
  skipped?: true;
  /** Why it failed, or what was let pass. */
  words: string;
}

/**
 * Presets state what one release does. A preset passes when nearly all cells agree and each of the others has a known reason. One time that is off by a little
 * is forgiven: a busy machine does that, and a wrong limit is off by a lot, in several cells.
 */
export function judge(cells: readonly Cell[], installed: string, source: string): Verdict {
  const verdict = judgeCells(cells);
  if (verdict.passed || releases(source).includes(installed)) return verdict;
  const words = `${verdict.words}, but ${installed} is installed and ${releases(source)[0]} was measured`;
  return { passed: false, skipped: true, words };
}

/** The releases a preset’s source names: `nginx 1.22.1, Debian 12` names 1.22.1. */
export const releases = (source: string): string[] => source.match(/\d+(\.\d+)+/g) ?? [];

function judgeCells(cells: readonly Cell[]): Verdict {
  const agreed = cells.filter((c) => c.agrees).length;
  const unexplained = cells.filter((c) => !c.agrees && reasonFor(c) === undefined);
  const forgiven = unexplained.length === 1 && unexplained[0]!.near === true ? unexplained[0] : undefined;
  if (cells.length === 0) return { passed: false, words: 'nothing was measured' };
  if (agreed < LEAST * cells.length) return { passed: false, words: `under ${LEAST * 100} % agree` };
  if (unexplained.length > 0 && !forgiven) return { passed: false, words: 'a difference without a known reason' };
  return { passed: true, words: forgiven ? 'one time is off by a little' : '' };
}

export function reasonFor(cell: Pick<Cell, 'preset' | 'observable'>): string | undefined {
  return REASONS.find((r) => (r.preset === '*' || r.preset === cell.preset) && cell.observable.startsWith(r.observable))
    ?.reason;
}
