import { expect, it } from 'vitest';
import { exactDigits, isTooDeep, MAX_DEPTH, parseJson } from '../../../src/engine/wire/json.ts';

it('keeps whole numbers that a double would round, and writes them as they were', () => {
  const parsed = parseJson('{"id":9007199254740993,"n":12,"x":1.5,"s":"9007199254740993"}') as Record<string, unknown>;
  expect(exactDigits(parsed['id'])).toBe('9007199254740993');
  expect(parsed).toMatchObject({ n: 12, x: 1.5, s: '9007199254740993' });
  expect(exactDigits(parsed['s'])).toBeNull();
  expect(JSON.stringify(parsed)).toBe('{"id":9007199254740993,"n":12,"x":1.5,"s":"9007199254740993"}');
});

it('has nothing to say of what is no JSON', () => {
  expect(parseJson('{')).toBeUndefined();
});

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const long = ' '.repeat(65_536);

it('does not read what is nested too deeply', () => {
  expect(parseJson(nested(MAX_DEPTH) + long)).toBeDefined();
  expect(parseJson(nested(MAX_DEPTH + 1) + long)).toBeUndefined();
  expect(parseJson(`{"events":[],"x":${nested(50_000)}}`)).toBeUndefined();
});

it.each([
  ['brackets in a string', JSON.stringify('['.repeat(20_000))],
  ['brackets behind an escaped quote', JSON.stringify(`"${'{'.repeat(20_000)}`)],
  ['a string that ends in a backslash', `["\\\\",${JSON.stringify('['.repeat(20_000))}]`],
  ['many values beside one another', `[${'[],'.repeat(20_000)}[]]`],
])('does not take %s for depth', (_, text) => {
  expect(isTooDeep(text)).toBe(false);
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

it('takes a string without an end for no depth', () => {
  expect(isTooDeep(`"${'['.repeat(20_000)}`)).toBe(false);
});
