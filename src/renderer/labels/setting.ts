/** What was set, and what became of a fault, as one would say it. */
import type { FaultFact, ScenarioFact, SettingFact } from '../../shared/observation.ts';
import { limit, plural } from '../ui/format.ts';

/** `every 5 s`, `down for 5 s`: never `5000ms`. */
export function settingLabel({ name, value }: SettingFact): string {
  if (name === 'recording') return value;
  const words = value.replace(/\b(\d+)ms\b/g, (_, ms: string) => limit(Number(ms)));
  return name === 'heartbeat' && words !== value ? `every ${words}` : words;
}

export function faultLabel({ name, action, detail }: FaultFact): string {
  const what = detail || name;
  switch (action) {
    case 'add':
      return `${what} added`;
    case 'change':
      return `now ${what}`;
    case 'remove':
      return `${what} removed`;
    case 'fire':
      return `${name}: ${detail}`;
  }
}

/** `all 24 checks passed`, `2 of 3 checks passed`. */
export function checksLabel(checks: readonly { passed: boolean }[]): string {
  const passed = checks.filter((check) => check.passed).length;
  const all = plural(checks.length, 'check');
  if (checks.length === 1 && passed === 1) return 'its check passed';
  return passed === checks.length ? `all ${all} passed` : `${passed} of ${all} passed`;
}

/** `“Deploy” begins, for 95 s`, `“Deploy”: 2 of 3 checks passed`. */
export function scenarioLabel({ name, phase, duration, stopped, checks }: ScenarioFact): string {
  if (phase === 'begin') return `“${name}” begins, for ${limit(duration)}`;
  if (stopped) return `“${name}” was stopped`;
  return checks === undefined || checks.length === 0 ? `“${name}” has ended` : `“${name}”: ${checksLabel(checks)}`;
}
