/** What may be wrong with what somebody wants of proxies, each with a way out. */
import { Failure, failureData } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';

export const faultTaken = (name: string, place: string): Failure =>
  new Failure({
    code: 'name-taken',
    place,
    message: `There is a fault called "${name}" on this proxy already.`,
    hint: 'Change that one, or give this one another name.',
    exit: 2,
  });

export function notFound(what: string, name: string, names: readonly string[]): never {
  const near = nearest(name, names);
  throw new Failure({
    code: 'not-found',
    place: name,
    message: `There is no ${what} called "${name}".`,
    hint: near
      ? `Did you mean ${near}?`
      : names.length > 0
        ? `There is ${names.slice(0, 10).join(', ')}.`
        : 'There is none yet.',
  });
}

export const tooMany = (what: string, most: number): Failure =>
  new Failure({
    code: 'too-many',
    place: what,
    message: `No more than ${most} ${what}.`,
    hint: 'Remove some first.',
    exit: 2,
  });

/** Puts the list's own place before that of the failure. */
export async function withPlace<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const data = failureData(error);
    throw data.place === undefined || place === '' ? error : new Failure({ ...data, place: `${place}${data.place}` });
  }
}
