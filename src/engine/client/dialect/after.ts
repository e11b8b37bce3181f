import type { AfterEnd, CodeRange } from '../../../shared/dialect/model.ts';

/** What a dialect says follows a status or close code: the narrowest range that fits. Null: nothing. */
export function afterCode(ranges: readonly CodeRange[], code: number): { then: AfterEnd; rule: string } | null {
  let best: CodeRange | null = null;
  for (const range of ranges) {
    if (code < range.from || code > range.to) continue;
    if (best === null || range.to - range.from < best.to - best.from) best = range;
  }
  return best && { then: best.then, rule: `${rangeText(best)}: ${best.then}` };
}

const rangeText = ({ from, to }: CodeRange): string =>
  from === to
    ? String(from)
    : to - from === 99 && from % 100 === 0 && from < 1000
      ? `${from / 100}xx`
      : `${from}-${to}`;
