import type { CheckResult } from '../../shared/check-result.ts';
import type { Paint } from './paint.ts';
import { humanDurations } from './units.ts';

/** What was expected and what came of it. A check that every lane passes is one line. */
export function checksText(checks: readonly CheckResult[], paint: Paint): string {
  if (checks.length === 0) return '  It expects nothing.';
  const names = [...new Set(checks.map((check) => check.name))];
  return names
    .flatMap((name) => {
      const same = checks.filter((check) => check.name === name);
      const failed = same.filter((check) => !check.passed);
      const lanes = same.flatMap(({ lane }) => (lane === null ? [] : [lane]));
      const who =
        lanes.length === 0 ? '' : paint('dim', `  ${lanes.length > 8 ? `${lanes.length} lanes` : lanes.join(', ')}`);
      if (failed.length === 0) return [`  ${paint('green', '✓')} ${name}${who}`];
      return failed.map(({ lane, expected, actual }) => {
        const said = expected === name ? '' : ` (expected ${humanDurations(expected)})`;
        return `  ${paint('red', '✗')} ${lane === null ? '' : `${lane}: `}${name}${said}: ${paint('red', humanDurations(actual))}`;
      });
    })
    .join('\n');
}
