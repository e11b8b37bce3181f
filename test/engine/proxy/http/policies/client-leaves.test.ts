import { describe, expect, it } from 'vitest';
import { eventually } from '../rig.ts';
import { EVENT, rig, start, stream } from './policy-rig.ts';

describe('a client that leaves', () => {
  it('is not noticed until the origin sends something', async () => {
    await start('client-leaves:told=on-write,as=rst');
    const { client, origin } = await stream();
    client.socket.destroy();
    await rig.clock.sleep(10_000);
    expect(origin.seen).toEqual([]);
    origin.write(EVENT);
    await eventually(() => origin.seen.includes('rst'));
  });

  it('is noticed at once by its RST, by its FIN with the next bytes', async () => {
    await start('client-leaves:told=on-reset');
    const reset = await stream();
    reset.client.socket.resetAndDestroy();
    await eventually(() => reset.origin.seen.includes('fin'));
    const { client, origin } = await stream();
    client.socket.destroy();
    await rig.clock.sleep(10_000);
    expect(origin.seen).toEqual([]);
    await eventually(() => {
      if (origin.socket.writable) origin.write(EVENT);
      return origin.seen.includes('fin');
    });
  });

  it('is never noticed', async () => {
    await start('client-leaves:told=never');
    const { client, origin } = await stream();
    client.socket.resetAndDestroy();
    for (let i = 0; i < 5; i++) {
      origin.write(EVENT);
      await rig.clock.sleep(2000);
    }
    expect(origin.seen).toEqual([]);
  });
});
