import { describe, expect, it } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, head, STREAM } from '../rig.ts';
import { EVENT, rig, start } from './policy-rig.ts';

describe('collapsing', () => {
  /** Connections whose request has come to the path. */
  const asking = (): number => rig.path.connections().filter(({ bytes }) => bytes.up > 0).length;

  /** So many requests that wait for one another: each has come to the path before any is answered. */
  const all = async (n: number): Promise<End[]> => {
    const before = asking();
    const clients = await Promise.all(Array.from({ length: n }, () => rig.client()));
    for (const client of clients) client.write(get('/lp'));
    await eventually(() => asking() === before + n);
    return clients;
  };

  it('makes held polls take turns', async () => {
    await start('collapse:how=serialise');
    const clients = await all(3);
    for (let n = 1; n <= 3; n++) {
      await eventually(() => rig.heads() === n);
      await rig.clock.sleep(2000);
      expect(rig.heads()).toBe(n);
      rig.arrived.at(-1)!.write(head('204 No Content'));
      await eventually(() => clients.filter((c) => c.text.includes('204')).length === n);
    }
  });

  it('gives the rest one answer after the first has had its own', async () => {
    await start('collapse:how=rest-shares');
    const clients = await all(4);
    await eventually(() => rig.heads() === 1);
    rig.arrived[0]!.write(head('204 No Content'));
    await eventually(() => rig.heads() === 2);
    rig.arrived.at(-1)!.write(head('200 OK', 'Content-Length: 6') + 'shared');
    await eventually(() => clients.filter((c) => c.text.endsWith('shared')).length === 3);
    expect(rig.heads()).toBe(2);
  });

  it('lets the rest go together after the first, or shares its answer from a cache', async () => {
    await start('collapse');
    await all(3);
    await eventually(() => rig.heads() === 1);
    rig.arrived[0]!.write(head('204 No Content'));
    await eventually(() => rig.heads() === 3);
    rig.set('collapse+cache');
    const shared = await all(3);
    await eventually(() => rig.heads() === 4);
    rig.arrived.at(-1)!.write(head('200 OK', 'Content-Length: 4') + 'once');
    await eventually(() => shared.every((c) => c.text.endsWith('once')));
    expect(rig.heads()).toBe(4);
  });

  it('keeps all others waiting until an answer is over, as one synchronous worker does', async () => {
    await start('gunicorn');
    const [streaming, waiting] = [await rig.client(), await rig.client()];
    streaming.write(get('/sse'));
    await eventually(() => rig.heads() === 1);
    waiting.write('POST /other HTTP/1.1\r\nHost: origin\r\nContent-Length: 0\r\n\r\n');
    rig.arrived[0]!.write(STREAM);
    for (let s = 0; s < 25; s += 5) {
      rig.arrived[0]!.write(EVENT);
      await rig.clock.sleep(5000);
      expect(rig.heads()).toBe(1);
    }
    // killed at 30 s, events or not
    await eventually(() => streaming.seen.includes('fin'));
    await eventually(() => rig.heads() === 2);
  });
});
