import { describe, expect, it } from 'vitest';
import { eventually } from '../rig.ts';
import { EVENT, rig, socket, start, stream } from './policy-rig.ts';

describe('an age', () => {
  it('ends a stream in spite of its heartbeats', async () => {
    await start('http-lifetime:after=30s');
    const { client, origin } = await stream();
    const heartbeat = setInterval(() => origin.write(EVENT), 50);
    await eventually(() => client.seen.includes('fin'));
    clearInterval(heartbeat);
    expect(client.text).toContain('data: 1');
  });

  it('may be another for WebSocket', async () => {
    await start('gcp-api-gateway:idle-timeout.websocket=12h,http-lifetime.websocket=2m');
    const { client } = await socket();
    const began = rig.clock.now();
    const sse = await stream();
    await eventually(() => sse.client.seen.includes('fin'));
    expect(client.seen).toEqual([]);
    await eventually(() => client.seen.includes('fin'));
    expect(rig.clock.now() - began).toBeGreaterThan(110_000);
  });
});
