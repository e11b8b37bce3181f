/** Which values a step has, and how each is asked for. */
import { parseDuration, parseRate } from '../../../shared/duration.ts';
import { WORKLOAD_LABEL, WORKLOADS } from '../../../shared/catalog.ts';
import { failureData } from '../../../shared/failure.ts';
import type { ScenarioStep } from '../../../shared/scenario/schema.ts';
import type { FieldValue } from '../../../shared/storyboard/edits.ts';

export interface Field {
  key: string;
  label: string;
  placeholder?: string;
  /** Nothing typed takes the key out. */
  optional?: true;
  area?: true;
  /** What holds when the file does not say. */
  fallback?: string;
  options?: readonly (readonly [string, string])[];
  check: (text: string) => string | null;
  /** As the file has it. */
  value: (text: string) => FieldValue;
}

const problemOf = (read: (text: string) => unknown) => (text: string): string | null => {
  try {
    read(text);
    return null;
  } catch (e) {
    const { message, hint } = failureData(e);
    return hint ? `${message} ${hint}` : message;
  }
}; // prettier-ignore
const noCheck = (): null => null;
const asText = (t: string): FieldValue => t;
const required = (check: (t: string) => string | null) => (t: string) =>
  t === '' ? 'It cannot be left out.' : check(t);
const emptyOr = (check: (t: string) => string | null) => (t: string) => (t === '' ? null : check(t));

const durationField = (key: string, label: string, more: Partial<Field> = {}): Field => {
  const check = problemOf(parseDuration);
  return {
    key,
    label,
    value: asText,
    placeholder: '10s',
    ...more,
    check: more.optional ? emptyOr(check) : required(check),
  };
};
const choiceField = (key: string, label: string, options: Field['options'] & {}): Field => {
  return { key, label, options, optional: true, check: noCheck, value: asText };
};

const AT_FIELD = durationField('at', 'At');
const wholeNumber = (t: string): string | null => (/^[1-9]\d{0,8}$/.test(t) ? null : 'Write a whole number from 1.');
export const heartbeat: Field = { key: 'heartbeat', label: 'Heartbeat', optional: true, placeholder: 'as it is', value: asText, check: emptyOr((t) => (t === 'off' ? null : problemOf(parseDuration)(t) && 'Write a duration such as 15s, or off.')) }; // prettier-ignore
export const rate: Field = { key: 'rate', label: 'Rate', optional: true, placeholder: 'its own', value: asText, check: emptyOr(problemOf(parseRate)) }; // prettier-ignore
export const workloads = (unset: string): Field =>
  choiceField('workload', 'Workload', [['', unset], ...WORKLOADS.map((w) => [w, WORKLOAD_LABEL[w]] as const)]);

/** @param lanes ids to choose from */
export function fieldsOf(step: ScenarioStep['do'], lanes: readonly string[]): Field[] {
  switch (step) {
    case 'fault':
      return [AT_FIELD, durationField('for', 'For', { optional: true, placeholder: 'to the end' })];
    case 'clear':
      return [
        AT_FIELD,
        { key: 'via', label: 'Name', optional: true, placeholder: 'everything', check: noCheck, value: asText },
      ];
    case 'sleep':
      return [AT_FIELD, durationField('for', 'For'), choiceField('lane', 'Who', [['', 'All lanes'], ...lanes.map((id) => [id, id] as const)]), { ...choiceField('timers', 'Timers', [['fire', 'Overdue ones fire on waking'], ['resume', 'Shifted by the time slept'], ['throttled', 'Once a minute, in a background tab']]), fallback: 'fire' }]; // prettier-ignore
    case 'offline':
      return [AT_FIELD, durationField('for', 'For', { optional: true, placeholder: 'to the end' })];
    case 'cut':
      return [AT_FIELD, { ...choiceField('end', 'By', [['rst', 'RST'], ['fin', 'FIN']]), fallback: 'rst' }]; // prettier-ignore
    case 'kill-server':
      return [AT_FIELD, durationField('for', 'Down for', { optional: true, placeholder: '5s' })];
    case 'publish':
      return [
        AT_FIELD,
        { key: 'type', label: 'Type', optional: true, placeholder: 'message', check: noCheck, value: asText },
        {
          key: 'data',
          label: 'Data',
          optional: true,
          area: true,
          placeholder: '{"n":1}',
          check: noCheck,
          value: asText,
        },
        { key: 'count', label: 'Count', optional: true, placeholder: '1', check: emptyOr(wholeNumber), value: Number },
        durationField('every', 'Every', { optional: true, placeholder: 'at once' }),
        { ...choiceField('final', 'Last is final', [['', 'No'], ['true', 'Yes']]), value: () => true }, // prettier-ignore
      ];
    case 'set':
      return [AT_FIELD, heartbeat, workloads('As it is'), rate, choiceField('pongs', 'Pongs', [['', 'As they are'], ['on', 'Answered'], ['off', 'Muted']])]; // prettier-ignore
    default:
      return [AT_FIELD];
  }
}

/** How a value of the file stands in its field. */
export function toFieldText(value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return plain ? String(value) : JSON.stringify(value);
}
