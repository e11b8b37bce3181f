/** What a run must have come to, held against what it came to. */
import { formatDuration } from '../duration.ts';
import { checkText, formatValue, type Check, type Op } from './check.ts';
import type { CheckResult } from '../check-result.ts';
import { everOpen, isPerRun, MEASURES, type LaneResult, type Measure, type MeasureInfo } from './measures.ts';

export interface Expectation {
  /** As the report names it; the check itself unless the file says otherwise. */
  name: string;
  /** Lane ids; null is every lane. */
  lanes: string[] | null;
  check: Check;
}

/** Every expectation held against every lane it means. What is not known never passes, unless `unknown` is expected. */
export function checkLanes(expectations: readonly Expectation[], lanes: Record<string, LaneResult>): CheckResult[] {
  return expectations.flatMap(({ name, lanes: ids, check }) => {
    const expected = checkText(check);
    const [first] = Object.values(lanes);
    if (first && isPerRun(check.measure)) return [{ name, lane: null, expected, ...evaluate(check, first) }];
    return (ids ?? Object.keys(lanes)).map((lane): CheckResult => {
      const end = lanes[lane];
      if (!end) return { name, lane, expected, actual: 'there was no such lane', passed: false };
      return { name, lane, expected, ...evaluate(check, end) };
    });
  });
}

function evaluate(check: Check, lane: LaneResult): { actual: string; passed: boolean } {
  const { measure, part, op, value } = check;
  const info: MeasureInfo = MEASURES[measure];
  const { drops } = lane.summary;
  const atMost = op === '<' || op === '<=';
  if (measure === 'timeToRecover') {
    if (lane.downForMs !== null) {
      return { actual: `not recovered, down for ${formatDuration(Math.round(lane.downForMs))}`, passed: false };
    }
    if (drops === 0) return { actual: 'no drop to recover from', passed: atMost };
  }
  if (measure === 'timeToDetect' && drops === 0) return { actual: 'no drop to detect', passed: atMost };
  const actual = info.read(lane, part);
  if (actual === null) return { actual: whyUnknown(measure, lane), passed: value === null };
  if (value === null) return { actual: formatValue(info.unit, actual), passed: false };
  return { actual: formatValue(info.unit, actual), passed: compare(actual, op, value) };
}

function compare(a: number | string, op: Op, b: number | string): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function whyUnknown(measure: Measure, { summary }: LaneResult): string {
  if (measure === 'asked' || measure === 'handed') return 'cannot know: the server is not ours';
  if (!everOpen(summary)) return 'cannot know: it never opened';
  return measure === 'latency' || measure === 'bytesPerEvent' ? 'nothing was measured' : 'cannot know';
}
