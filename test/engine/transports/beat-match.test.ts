import { expect, it } from 'vitest';
import { matches } from '../../../src/engine/transports/websocket/beat-match.ts';

it.each([
  ['pong', 'pong', true],
  ['pong!', 'pong', false],
  ['{"op":"pong","id":7}', '{"op":"pong"}', true],
  ['{"op":"pong","at":{"s":1,"ns":2}}', '{"at":{"s":1}}', true],
  ['{"op":"tick"}', '{"op":"pong"}', false],
  ['pong', '{"op":"pong"}', false],
])('%s answers a beat that expects %s: %s', (text, expected, answer) => {
  expect(matches(text, expected)).toBe(answer);
});
