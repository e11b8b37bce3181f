/** Which values a step has, and how each is asked for. */
import { parseDuration, parseRate } from '../../../shared/duration.ts';
import { WORKLOAD_LABEL, WORKLOADS } from '../../../shared/catalog.ts';
import { failureData } from '../../../shared/failure.ts';
import type { ScenarioStep } from '../../../shared/scenario.ts';
import type { FieldValue } from '../../../shared/storyboard/edits.ts';

export interface Field {
  key: string;
  label: string;
  placeholder?: string;
  /** Nothing typed takes the key out. */
  optional?: true;
  area?: true;
  /** What holds when the file does not say. */
  usual?: string;
  options?: readonly (readonly [string, string])[];
  check: (text: string) => string | null;
  /** As the file has it. */
  value: (text: string) => FieldValue;
}

const tried = (read: (text: string) => unknown) => (text: string): string | null => {
  try {
    read(text);
    return null;
  } catch (e) {
    const { message, hint } = failureData(e);
    return hint ? `${message} ${hint}` : message;
  }
}; // prettier-ignore
const none = (): null => null;
const text = (t: string): FieldValue => t;
const needed = (check: (t: string) => string | null) => (t: string) => (t === '' ? 'It cannot be left out.' : check(t));
const orNothing = (check: (t: string) => string | null) => (t: string) => (t === '' ? null : check(t));

const span = (key: string, label: string, more: Partial<Field> = {}): Field => {
  const check = tried(parseDuration);
  return {
    key,
    label,
    value: text,
    placeholder: '10s',
    ...more,
    check: more.optional ? orNothing(check) : needed(check),
  };
};
const choice = (key: string, label: string, options: Field['options'] & {}): Field => {
  return { key, label, options, optional: true, check: none, value: text };
};

const AT = span('at', 'At');
const whole = (t: string): string | null => (/^[1-9]\d{0,8}$/.test(t) ? null : 'Write a whole number from 1.');
export const heartbeat: Field = { key: 'heartbeat', label: 'Heartbeat', optional: true, placeholder: 'as it is', value: text, check: orNothing((t) => (t === 'off' ? null : tried(parseDuration)(t) && 'Write a duration such as 15s, or off.')) }; // prettier-ignore
export const rate: Field = { key: 'rate', label: 'Rate', optional: true, placeholder: 'its own', value: text, check: orNothing(tried(parseRate)) }; // prettier-ignore
export const workloads = (unset: string): Field =>
  choice('workload', 'Workload', [['', unset], ...WORKLOADS.map((w) => [w, WORKLOAD_LABEL[w]] as const)]);

/** @param lanes ids to choose from */
export function fieldsOf(step: ScenarioStep['do'], lanes: readonly string[]): Field[] {
  switch (step) {
    case 'fault':
      return [AT, span('for', 'For', { optional: true, placeholder: 'to the end' })];
    case 'clear':
      return [AT, { key: 'via', label: 'Name', optional: true, placeholder: 'everything', check: none, value: text }];
    case 'sleep':
      return [AT, span('for', 'For'), choice('lane', 'Who', [['', 'All lanes'], ...lanes.map((id) => [id, id] as const)]), { ...choice('timers', 'On waking', [['fire', 'Overdue timers fire'], ['resume', 'Timers are shifted']]), usual: 'fire' }]; // prettier-ignore
    case 'offline':
      return [AT, span('for', 'For', { optional: true, placeholder: 'to the end' })];
    case 'cut':
      return [AT, { ...choice('end', 'By', [['rst', 'RST'], ['fin', 'FIN']]), usual: 'rst' }]; // prettier-ignore
    case 'kill-server':
      return [AT, span('for', 'Down for', { optional: true, placeholder: '5s' })];
    case 'publish':
      return [
        AT,
        { key: 'type', label: 'Type', optional: true, placeholder: 'message', check: none, value: text },
        { key: 'data', label: 'Data', optional: true, area: true, placeholder: '{"n":1}', check: none, value: text },
        { key: 'count', label: 'Count', optional: true, placeholder: '1', check: orNothing(whole), value: Number },
        span('every', 'Every', { optional: true, placeholder: 'at once' }),
        { ...choice('final', 'Last is final', [['', 'No'], ['true', 'Yes']]), value: () => true }, // prettier-ignore
      ];
    case 'set':
      return [AT, heartbeat, workloads('As it is'), rate, choice('pongs', 'Pongs', [['', 'As they are'], ['on', 'Answered'], ['off', 'Muted']])]; // prettier-ignore
    default:
      return [AT];
  }
}

/** How a value of the file stands in its field. */
export function asTyped(value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
