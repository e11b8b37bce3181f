import { afterEach, describe, expect, it } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, head, HttpRig } from '../rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());

/** A client with an answer behind it, and the connection to the origin that was kept for its next request. */
async function kept(via: string): Promise<{ client: End; origin: End }> {
  rig = await new HttpRig().start([via]);
  const client = await rig.client();
  const origin = await rig.ask(client, get('/1'));
  origin.write(head('200 OK', 'Content-Length: 1') + '1');
  await eventually(() => client.text.endsWith('1'));
  return { client, origin };
}

/** The origin hangs up on the next request. */
async function hangUp({ client, origin }: { client: End; origin: End }, how: 'fin' | 'rst'): Promise<void> {
  client.write(get('/2'));
  await eventually(() => origin.text.includes('/2'));
  if (how === 'rst') origin.socket.resetAndDestroy();
  else origin.socket.end();
}

describe.each(['fin', 'rst'] as const)('a kept connection that is closed by %s as a request comes', (how) => {
  it('is 502 from an AWS ALB, whose client connection goes on; and the journal says why', async () => {
    const both = await kept('aws-alb');
    await hangUp(both, how);
    await eventually(() => both.client.text.includes('HTTP/1.1 502 Bad Gateway'));
    expect(rig.arrived).toHaveLength(1);
    const detail = 'the server closed a kept connection as a request came: 502 / fin';
    expect(rig.facts).toContainEqual(expect.objectContaining({ type: 'fault', name: 'origin-dies', detail }));
    expect(rig.causes.take(both.client.socket.localPort ?? 0)).toMatchObject({ cause: 'kept-connection' });
    const next = await rig.ask(both.client, get('/3'));
    next.write(head('200 OK', 'Content-Length: 1') + '3');
    await eventually(() => both.client.text.endsWith('3'));
  });

  it.each(['envoy', 'heroku'])('is 503 from %s', async (preset) => {
    const both = await kept(preset);
    await hangUp(both, how);
    await eventually(() => both.client.text.includes('HTTP/1.1 503 '));
    expect(rig.arrived).toHaveLength(1);
  });

  it.each(['haproxy-no-delay', 'apache'])('closes the client’s of %s, without an answer', async (preset) => {
    const both = await kept(preset);
    const before = both.client.text;
    await hangUp(both, how);
    await eventually(() => both.client.seen.includes('fin'));
    expect(both.client.text).toBe(before);
    expect(rig.arrived).toHaveLength(1);
  });

  it.each(['caddy', 'squid'])('is not noticed through %s, which asks again', async (preset) => {
    const both = await kept(preset);
    await hangUp(both, how);
    await eventually(() => rig.arrived.length === 2 && rig.arrived[1]!.text.includes('/2'));
    rig.arrived[1]!.write(head('200 OK', 'Content-Length: 1') + '2');
    await eventually(() => both.client.text.endsWith('2'));
  });
});
