/** What was set, and what became of a fault, as one would say it. */
import type { FaultFact, SettingFact } from '../../shared/observation.ts';
import { limit } from './format.ts';

/** `every 5 s`, `down for 5 s`: never `5000ms`. */
export function settingWords({ name, value }: SettingFact): string {
  if (name === 'recording') return value;
  const words = value.replace(/\b(\d+)ms\b/g, (_, ms: string) => limit(Number(ms)));
  return name === 'heartbeat' && words !== value ? `every ${words}` : words;
}

export function faultWords({ name, action, detail }: FaultFact): string {
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
