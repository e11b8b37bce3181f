import { describe, expect, it } from 'vitest';
import { eventually } from '../rig.ts';
import { EVENT, open, rig, start, stream } from './policy-rig.ts';

describe('an origin that dies', () => {
  it('gives a poll 502, and a stream a cut or a clean end', async () => {
    await start('origin-dies:rst=clean');
    const poll = await open();
    poll.origin.socket.destroy();
    await eventually(() => poll.client.text.startsWith('HTTP/1.1 502'));
    const cut = await stream();
    cut.origin.write(EVENT);
    cut.origin.socket.end();
    await eventually(() => cut.client.seen.includes('fin'));
    expect(cut.client.text.endsWith(EVENT)).toBe(true);
    const clean = await stream();
    clean.origin.socket.resetAndDestroy();
    await eventually(() => clean.client.text.endsWith('0\r\n\r\n'));
  });

  it('may leave a stream open and silent', async () => {
    await start('origin-dies:fin=hang');
    const { client, origin } = await stream();
    origin.socket.end();
    await rig.clock.sleep(10_000);
    expect(client.seen).toEqual([]);
  });
});
