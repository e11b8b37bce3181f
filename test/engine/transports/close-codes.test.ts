import { describe, expect, it } from 'vitest';
import { endOfClose } from '../../../src/engine/transports/websocket/close-codes.ts';

describe('a close frame of another server', () => {
  it.each([[1000], [1001], [1002], [1009], [1011], [1012], [1013], [4000], [4401]])(
    '%i is a drop to come back from, with the reason it gave',
    (code) => {
      expect(endOfClose(code, 'Idle timeout', false)).toMatchObject({
        evidence: `close:${code}`,
        by: 'server',
        announced: false,
        final: false,
        reason: 'Idle timeout',
      });
    },
  );

  it.each([[1003], [1007], [1008], [1010]])('%i keeps the lane away, and is a drop all the same', (code) => {
    expect(endOfClose(code, '', false)).toMatchObject({ announced: false, final: true });
  });
});

describe('a close frame of our own server', () => {
  it.each([
    [1000, true],
    [1001, false],
    [1012, false],
  ])('%i was announced (final: %s)', (code, final) => {
    expect(endOfClose(code, '', true)).toMatchObject({ announced: true, final });
  });

  it.each([[1002], [1009], [4400]])('%i is not repeated', (code) => {
    expect(endOfClose(code, '', true)).toMatchObject({ announced: false, final: true });
  });
});
