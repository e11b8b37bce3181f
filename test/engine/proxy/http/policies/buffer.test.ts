import { describe, expect, it } from 'vitest';
import { eventually, get, head, piece, STREAM } from '../rig.ts';
import { EVENT, open, rig, start } from './policy-rig.ts';

describe('buffering', () => {
  it('holds head and events until there is a block', async () => {
    await start('buffer:bytes=20B');
    const { client, origin } = await open();
    origin.write(STREAM + piece('a'.repeat(15)));
    await rig.clock.sleep(5000);
    expect(client.text).toBe('');
    origin.write(piece('b'.repeat(15)));
    await eventually(() => client.text.includes(piece('a'.repeat(15) + 'b'.repeat(5))));
    origin.write('0\r\n\r\n');
    await eventually(() => client.text.endsWith(piece('b'.repeat(10)) + '0\r\n\r\n'));
  });

  it('throws away what it holds at the idle limit: a head, no event, FIN', async () => {
    await start('nginx-default:idle-timeout=20s');
    const { client, origin } = await open();
    origin.write(head('200 OK', 'Content-Type: text/event-stream') + 'data: 1\n\n');
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(client.text).not.toContain('data');
    expect(origin.text).toContain('HTTP/1.0');
  });

  it('is turned off by X-Accel-Buffering: no where that is honoured', async () => {
    await start('nginx-default');
    const { client, origin } = await open();
    origin.write(head('200 OK', 'X-Accel-Buffering: no') + 'data: 1\n\n');
    await eventually(() => client.text.includes('data: 1'));
    expect(client.text).not.toMatch(/x-accel/i);
  });

  it('holds the head alone until the first byte', async () => {
    await start('buffer:hold=first-byte');
    const { client, origin } = await open();
    origin.write(STREAM);
    await rig.clock.sleep(5000);
    expect(client.text).toBe('');
    origin.write(EVENT);
    await eventually(() => client.text.endsWith(EVENT));
  });

  it('waits a moment for company', async () => {
    await start('buffer:hold=delay,time=20s');
    const { client, origin } = await open();
    origin.write(STREAM + EVENT);
    await rig.clock.sleep(5000);
    expect(client.text).toBe('');
    await eventually(() => client.text.endsWith(EVENT));
  });

  it('holds answers to GET and lets those to POST pass, as a quick tunnel does', async () => {
    await start('cloudflare-quick-tunnel');
    const held = await open(get('/sse'));
    held.origin.write(STREAM + EVENT);
    const { client, origin } = await open('POST /sse HTTP/1.1\r\nHost: origin\r\nContent-Length: 0\r\n\r\n');
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
    expect(held.client.text).toBe('');
    await eventually(() => held.client.text.startsWith('HTTP/1.1 524'));
    expect(held.client.text).not.toContain('data');
  });
});
