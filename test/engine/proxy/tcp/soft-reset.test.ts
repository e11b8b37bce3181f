import { afterEach, expect, it } from 'vitest';
import { eventually, Rig } from '../sockets.ts';

let rig: Rig;
afterEach(() => rig.stop());

it('soft-reset: a RST is FIN to the other side, in the directions it is set for', async () => {
  rig = await new Rig().start(['soft-reset:dir=down']);
  const one = await rig.open();
  one.server.write('last words');
  await eventually(() => one.client.text === 'last words');
  one.server.socket.resetAndDestroy();
  await eventually(() => one.client.seen.length > 0);
  expect(one.client.seen).toEqual(['fin']);
  const two = await rig.open();
  two.client.socket.resetAndDestroy();
  await eventually(() => two.server.seen.includes('rst'));
  rig.set('soft-reset');
  const three = await rig.open();
  three.client.socket.resetAndDestroy();
  await eventually(() => three.server.seen.length > 0);
  expect(three.server.seen).toEqual(['fin']);
});
