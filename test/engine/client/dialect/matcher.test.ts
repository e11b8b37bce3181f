import { expect, it } from 'vitest';
import { expectationMatcher } from '../../../../src/engine/client/dialect/matcher.ts';
import { Subject } from '../../../../src/engine/client/dialect/subject.ts';

const CASES: [string, string | object, boolean][] = [
  ['pong', 'pong', true],
  ['pong!', 'pong', false],
  ['{"op":"pong","id":7}', { op: 'pong' }, true],
  ['{"op":"pong","at":{"s":1,"ns":2}}', { at: { s: 1 } }, true],
  ['{"op":"tick"}', { op: 'pong' }, false],
  ['pong', { op: 'pong' }, false],
  ['{"n":"7"}', { n: 7 }, true],
  ['{"n":9007199254740993}', { n: '9007199254740993' }, true],
  ['{"n":9007199254740992}', { n: '9007199254740993' }, false],
];
it.each(CASES)('%s has at least %j: %s', (text, like, answer) => {
  const matches = expectationMatcher({ like: like as never });
  expect(matches(new Subject().ofText(text, text.length))).toBe(answer);
});
