/** Texts for what was set, for a change of a fault, and for a scenario's begin and end. */
import { WORKLOAD_LABEL, type WorkloadName } from '../../shared/catalog.ts';
import type { FaultFact, LaneFact, ScenarioFact, SettingFact } from '../../shared/observation.ts';
import type { Setting } from '../../shared/setting.ts';
import { durationLabel } from '../ui/duration-label.ts';
import { limit, plural, rateLabel } from '../ui/format.ts';

export interface SettingLabel {
  /** What is set now, by itself: `heartbeat 5 s`, `pongs muted`. */
  phrase: string;
  /** The value beside the setting's name: `every 5 s`, `down for 5 s`. */
  value: string;
  /** It holds until it is set again and is worth repeating; false for a moment, and for a return to the usual. */
  lasting: boolean;
}

export function settingLabel(setting: Setting): SettingLabel {
  switch (setting.name) {
    case 'heartbeat': {
      const every = setting.everyMs === null ? null : durationLabel(setting.everyMs);
      return {
        phrase: every === null ? 'no heartbeat' : `heartbeat ${every}`,
        value: every === null ? 'off' : `every ${every}`,
        lasting: true,
      };
    }
    case 'workload': {
      const text = workloadText(setting.workload, setting.rate);
      return { phrase: text, value: text, lasting: false };
    }
    case 'offline': {
      const text = setting.offline ? 'offline' : 'online';
      return { phrase: text, value: text, lasting: setting.offline };
    }
    case 'pongs':
      return setting.answered
        ? { phrase: 'pongs on', value: 'answered', lasting: false }
        : { phrase: 'pongs muted', value: 'muted', lasting: true };
    case 'cut-all': {
      const { connections, end } = setting;
      return { phrase: 'cut all', value: `${plural(connections, 'connection')}, ${end.toUpperCase()}`, lasting: false };
    }
    case 'restart-server':
      return { phrase: 'server restart', value: 'drain', lasting: false };
    case 'kill-server':
      return { phrase: 'server killed', value: `down for ${durationLabel(setting.downMs)}`, lasting: false };
    case 'lose-log':
      return { phrase: 'log lost', value: 'a new epoch begins', lasting: false };
  }
}

/** What an observation says was set. A recording of an earlier version has only its text, which is shown as it is. */
export function settingFactLabel(o: SettingFact): SettingLabel {
  return o.set ? settingLabel(o.set) : { phrase: o.name.replaceAll('-', ' '), value: o.value, lasting: false };
}

function workloadText(workload: WorkloadName | null, rate: number | null): string {
  const name = workload === null ? 'rate' : workload === 'none' ? 'no workload' : WORKLOAD_LABEL[workload];
  return rate === null ? name : workload === null ? `rate ${rateLabel(rate)}` : `${name}, ${rateLabel(rate)}`;
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

const LANE_ACTION = { add: 'joins the run', change: 'is set anew', remove: 'leaves the run' } as const;

/** `joins the run as “canary”`. */
export const laneFactLabel = ({ action, name }: LaneFact): string =>
  `${LANE_ACTION[action]}${name === null ? '' : action === 'add' ? ` as “${name}”` : `: “${name}”`}`;
