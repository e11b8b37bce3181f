import { describe, expect, it } from 'vitest';
import { eventually } from '../rig.ts';
import { rig, socket, start } from './policy-rig.ts';

const PING = '\x89\x00';
/** Masked, as clients send it. */
const PONG = '\x8a\x80\x01\x02\x03\x04';
const pings = (text: string): number => text.split(PING).length - 1;

describe('uvicorn', () => {
  it('pings every 20 s, and closes with 1011 when no pong comes within 20 s', async () => {
    await start('uvicorn');
    const { client, origin } = await socket();
    const opened = rig.clock.now();
    await eventually(() => pings(client.text) === 1);
    expect(rig.clock.now() - opened).toBeGreaterThanOrEqual(19_900);
    await eventually(() => client.seen.includes('fin') && origin.seen.includes('fin'));
    expect(rig.clock.now() - opened).toBeGreaterThanOrEqual(39_900);
    expect(client.text.endsWith('\x88\x02\x03\xf3')).toBe(true);
  });

  it('goes on for as long as pongs come', async () => {
    await start('uvicorn');
    const { client } = await socket();
    for (let n = 1; n <= 4; n++) {
      await eventually(() => pings(client.text) === n);
      client.write(PONG);
    }
    expect(client.seen).toEqual([]);
  });

  it('waits with its ping for the end of a frame of the origin', async () => {
    await start('uvicorn');
    const { client, origin } = await socket();
    origin.write('\x81\x05he');
    await rig.clock.sleep(25_000);
    expect(client.text.endsWith('\x81\x05he')).toBe(true);
    origin.write('llo');
    await eventually(() => client.text.endsWith(`hello${PING}`));
  });
});
