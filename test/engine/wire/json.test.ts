import { expect, it } from 'vitest';
import { exactDigits, parseJson } from '../../../src/engine/wire/json.ts';

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
