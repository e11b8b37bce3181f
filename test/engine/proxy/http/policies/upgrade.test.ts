import { describe, expect, it } from 'vitest';
import { eventually, get, UPGRADE } from '../rig.ts';
import { open, rig, socket, start, SWITCH } from './policy-rig.ts';

describe('a handshake', () => {
  it('reaches the origin as a plain GET', async () => {
    await start('upgrade');
    const { origin } = await open(UPGRADE);
    expect(origin.text).not.toMatch(/upgrade: websocket/i);
  });

  it('is refused, or never answered', async () => {
    await start('upgrade:how=403');
    const refused = await rig.client();
    refused.write(UPGRADE);
    await eventually(() => refused.text.startsWith('HTTP/1.1 403'));
    expect(rig.heads()).toBe(0);
    rig.set('upgrade:how=hang');
    const { client, origin } = await open(UPGRADE);
    expect(origin.text).toMatch(/upgrade: websocket/i);
    origin.write(SWITCH);
    await rig.clock.sleep(10_000);
    expect(client.text).toBe('');
  });
});

describe('a gateway for WebSocket alone', () => {
  it('refuses streams and polls', async () => {
    await start('aws-api-gateway-websocket');
    const client = await rig.client();
    client.write(get('/sse', 'Accept: text/event-stream'));
    await eventually(() => client.text.startsWith('HTTP/1.1 426 Upgrade Required'));
    expect(rig.heads()).toBe(0);
    await socket();
  });
});
