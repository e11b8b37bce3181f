import { afterEach, describe, expect, it } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, head, HttpRig, STREAM, UPGRADE } from '../rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());

async function stream(): Promise<End> {
  const client = await rig.client();
  const origin = await rig.ask(client, get('/sse'));
  origin.write(STREAM);
  await eventually(() => client.text.includes('200 OK'));
  return client;
}

async function socket(): Promise<End> {
  const client = await rig.client('websocket');
  const origin = await rig.ask(client, UPGRADE);
  origin.write(head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'));
  await eventually(() => client.text.includes('101'));
  return client;
}

/** A minute takes six hundredths of a second. */
const start = async (via: string): Promise<void> => void (rig = await new HttpRig({ scale: 1000 }).start([via]));

describe('a reload at a given time', () => {
  it('of ingress-nginx cuts what was open then 240 s later, and no later one (kubernetes/ingress-nginx #8977)', async () => {
    await start('ingress-nginx:idle-timeout=1h,reload.at=60s');
    const began = rig.clock.now();
    const [sse, ws] = [await stream(), await socket()];
    await eventually(() => rig.clock.now() - began > 120_000);
    const later = await stream();
    await eventually(() => sse.seen.includes('fin') && ws.seen.includes('fin'));
    expect(rig.clock.now() - began).toBeGreaterThanOrEqual(300_000);
    expect(rig.clock.now() - began).toBeLessThan(400_000);
    expect(later.seen).toEqual([]);
    const detail = 'worker shut down 4 m after a reload: fin';
    const fired = rig.facts.filter((fact) => fact.type === 'fault' && fact.action === 'fire');
    expect(fired).toEqual([expect.objectContaining({ detail }), expect.objectContaining({ detail })]);
    await eventually(() => rig.clock.now() - began > 600_000);
    expect(later.seen).toEqual([]);
  });

  it('cuts at once without a delay, and once', async () => {
    await start('reload:at=60s,ws=fin,stream=aborted');
    const began = rig.clock.now();
    const ws = await socket();
    await eventually(() => ws.seen.includes('fin'));
    expect(rig.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    const again = await socket();
    await rig.clock.sleep(200_000);
    expect(again.seen).toEqual([]);
  });
});
