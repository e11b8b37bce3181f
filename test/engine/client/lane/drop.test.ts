import { expect, it } from 'vitest';
import { endedSignal } from '../../../../src/engine/client/connection/ended.ts';
import { correctedEnd } from '../../../../src/engine/client/lane/drop.ts';

const away = endedSignal('close:1001', { announced: true, by: 'server' });
const report = { silence: 0, connectedAt: 0 };

it('a close frame that the path sent is no announcement of the server', () => {
  const known = { cause: 'idle-limit', by: 'path', at: 0 } as const;
  expect(correctedEnd(away, { ...report, known })).toMatchObject({ announced: false, final: false });
});

it('one that the server sent is', () => {
  expect(correctedEnd(away, { ...report, known: { cause: 'restart', by: 'server', at: 0 } }).announced).toBe(true);
  expect(correctedEnd(away, { ...report, known: null }).announced).toBe(true);
});
