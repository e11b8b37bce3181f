import { Failure } from '../failure.ts';
import type { Definition } from './definition.ts';
import { defaultsOf, formatParam, type FaultInfo, type ParamValues } from './params.ts';

/** One step as it stands in the text, unchecked: `latency:delay=100ms,jitter=20ms`. */
export interface TypedStep {
  name: string;
  params: Record<string, string>;
}

/** `latency:delay=100ms,jitter=20ms+idle-timeout:after=60s` → steps. @throws Failure `bad-via`. */
export function parseVia(text: string, place = '--via'): TypedStep[] {
  return text
    .split('+')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [name, rest] = splitAt(part.trim(), ':');
      if (!/^[a-z0-9.-]+$/.test(name)) {
        throw new Failure({
          code: 'bad-via',
          place,
          message: `"${name}" is not the name of a preset or fault.`,
          hint: 'Write a preset such as direct, or name:key=value,key=value+name:…',
          exit: 2,
        });
      }
      const params: Record<string, string> = {};
      for (const pair of rest === undefined || rest === '' ? [] : rest.split(',')) {
        const [key, value] = splitAt(pair, '=');
        if (value === undefined || key.trim() === '') {
          throw new Failure({
            code: 'bad-via',
            place,
            message: `"${pair}" in ${name} is not key=value.`,
            hint: `Write ${name}:key=value.`,
            exit: 2,
          });
        }
        params[key.trim()] = value.trim();
      }
      return { name, params };
    });
}

/** A fault as one would type it; values that it has without being typed are left out. */
export function formatFault(definition: Definition, values: ParamValues): string {
  const { id, params } = definition;
  const defaults = defaultsOf(params);
  const changed = Object.keys(params).filter((key) => values[key] !== defaults[key]);
  const implied: ParamValues = { ...definition.impliedParams?.(changed) };
  const pairs = Object.entries(params)
    .filter(([key]) => values[key] !== undefined)
    .filter(([key]) => changed.includes(key) || (key in implied && implied[key] !== values[key]))
    .map(([key, param]) => `${key}=${formatParam(param, values[key]!)}`);
  return `${id}:${pairs.join(',')}`;
}

/** What a preset's step is changed by: its id for its first param, its id and the param's for another. */
export const overrideKey = ({ id, params }: Pick<FaultInfo, 'id' | 'params'>, param: string): string =>
  param === Object.keys(params)[0] ? id : `${id}.${param}`;

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
