import type { Condition, Conditions, Expectation, Json } from '../../../shared/dialect/model.ts';
import { isRecord } from '../../../shared/guards.ts';
import { exactDigits } from '../../wire/json.ts';
import { pointerFinder, textOf, type Subject } from './subject.ts';

export type Matcher = (subject: Subject) => boolean;

/** Every condition has to hold. */
export function matcher(conditions: Conditions): Matcher {
  const tests = conditions.map(conditionMatcher);
  const [first, second] = tests;
  if (!first) return () => true;
  if (!second) return first;
  return (subject) => tests.every((test) => test(subject));
}

/** What is awaited or expected: conditions, or a message that has at least what was written. */
export function expectationMatcher(expectation: Expectation): Matcher {
  if ('conditions' in expectation) return matcher(expectation.conditions);
  const { like } = expectation;
  if (typeof like === 'string') return ({ text }) => text === like;
  return ({ json }) => contains(json, like);
}

function conditionMatcher({ on, pointer, test }: Condition): Matcher {
  const value = valueTest(test);
  switch (on) {
    case 'data':
      return (subject) => subject.comment === null && value(subject.text);
    case 'event':
      return (subject) => subject.comment === null && value(subject.event ?? undefined);
    case 'comment':
      return ({ comment }) => comment !== null && value(comment);
    case 'pointer': {
      const find = pointerFinder(pointer);
      return (subject) => subject.comment === null && value(find(subject.json));
    }
  }
}

function valueTest(test: Condition['test']): (value: unknown) => boolean {
  if ('exists' in test) return (value) => (value !== undefined) === test.exists;
  if ('pattern' in test) {
    const pattern = new RegExp(test.pattern);
    return (value) => {
      const text = textOf(value);
      return text !== null && pattern.test(text);
    };
  }
  const { equals } = test;
  return (value) => same(value, equals);
}

/** Numbers match digit text; a number too long for a double is text in the file, and exact in the message. */
function same(value: unknown, wanted: Json): boolean {
  if (value === wanted) return true;
  if (typeof wanted === 'number') return typeof value === 'string' && value === String(wanted);
  return typeof wanted === 'string' && exactDigits(value) === wanted;
}

/** Whether JSON has at least what a pattern has. */
function contains(value: unknown, pattern: Json): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((inner, i) => contains(value[i], inner));
  }
  if (!isRecord(pattern)) return same(value, pattern);
  return (
    isRecord(value) &&
    Object.entries(pattern).every(([key, inner]) => Object.hasOwn(value, key) && contains(value[key], inner))
  );
}
