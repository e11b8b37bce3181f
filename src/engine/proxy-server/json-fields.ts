/** Objects as they come in JSON. */
import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';

/** The fields of an object, each under our name for it. @throws Failure on one that does not exist */
export function fieldsOf(
  json: unknown,
  place: string,
  fields: readonly string[],
  also: Record<string, string>,
): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badInput(
      place.replace(/\.$/, '') || 'body',
      'This is not an object.',
      `Its fields are ${fields.join(', ')}.`,
    );
  }
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    const name = own(also, key) ?? key;
    if (!fields.includes(name)) {
      const near = nearest(key, fields);
      throw new Failure({
        code: 'unknown-field',
        place: `${place}${key}`,
        message: `There is no field "${key}".`,
        hint: near ? `Did you mean ${near}?` : `The fields are ${fields.join(', ')}.`,
        exit: 2,
      });
    }
    if (value !== null && value !== undefined) given[name] = value;
  }
  return given;
}

export const badInput = (place: string, message: string, hint: string): Failure =>
  new Failure({ code: 'bad-input', place, message, hint, exit: 2 });

/** Inherited names such as `constructor` are no faults. */
export function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
