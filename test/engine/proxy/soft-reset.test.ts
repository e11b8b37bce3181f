import { afterEach, expect, it } from 'vitest';
import { eventually, Rig } from './sockets.ts';

let rig: Rig;
afterEach(() => rig.stop());

it('soft-reset: the server’s RST is FIN to the client, the client’s stays RST', async () => {
  rig = await new Rig().start(['soft-reset']);
  const one = await rig.open();
  one.server.write('last words');
  await eventually(() => one.client.text === 'last words');
  one.server.socket.resetAndDestroy();
  await eventually(() => one.client.seen.length > 0);
  expect(one.client.seen).toEqual(['fin']);
  const two = await rig.open();
  two.client.socket.resetAndDestroy();
  await eventually(() => two.server.seen.includes('rst'));
});
