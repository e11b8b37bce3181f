import { describe, expect, it } from 'vitest';
import { eventually, get, head } from '../rig.ts';
import { open, rig, socket, start, stream } from './policy-rig.ts';

describe('a reload', () => {
  it('closes WebSockets with 1001 and keeps streams', async () => {
    await start('reload:every=20s');
    const sse = await stream();
    const ws = await socket();
    await eventually(() => ws.client.seen.includes('fin'));
    expect(ws.client.text.endsWith('\x88\x02\x03\xe9')).toBe(true);
    expect(sse.client.seen).toEqual([]);
  });

  it('closes a connection on which nothing is asked, and keeps it where told to', async () => {
    await start('reload:every=20s');
    const idle = await open();
    idle.origin.write(head('204 No Content'));
    await eventually(() => idle.client.text.includes('204'));
    expect(idle.client.seen).toEqual([]);
    await eventually(() => idle.client.seen.includes('fin'));
    expect(rig.facts).toContainEqual(expect.objectContaining({ type: 'fault', name: 'reload', action: 'fire' }));
    rig.set('reload:every=20s,idle=kept');
    const kept = await open();
    kept.origin.write(head('204 No Content'));
    await eventually(() => kept.client.text.includes('204'));
    await rig.clock.sleep(50_000);
    expect(kept.client.seen).toEqual([]);
    await rig.ask(kept.client);
  });

  it('of Squid leaves idle connections, but closes one behind the answer that was under way', async () => {
    await start('squid:reload=20s,keep-alive=10m');
    const idle = await open();
    idle.origin.write(head('204 No Content'));
    await eventually(() => idle.client.text.includes('204'));
    const held = await open(get('/held'));
    await rig.clock.sleep(30_000);
    expect([idle.client.seen, held.client.seen]).toEqual([[], []]);
    held.origin.write(head('204 No Content'));
    await eventually(() => held.client.seen.includes('fin'));
    expect(idle.client.seen).toEqual([]);
  });

  it('spares a request on a connection that was idle before it', async () => {
    await start('reload:every=20s');
    const { client, origin } = await open();
    origin.write(head('204 No Content'));
    await eventually(() => client.text.includes('204'));
    const held = await rig.ask(client, get('/held'));
    await rig.clock.sleep(30_000);
    expect(client.seen).toEqual([]);
    held.write(head('200 OK', 'Content-Length: 4') + 'late');
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toMatch(/Connection: close\r\n\r\nlate$/); // behind a reload the connection is not kept
  });

  it.each([
    ['caddy', true, 'fin'],
    ['nginx-tuned', false, 'fin'],
    ['haproxy', false, 'fin'],
    ['varnish-pipe', false, undefined],
  ])('of %s: WebSocket closed with 1001 %s, idle connection %s', async (preset, closed, idleEnd) => {
    await start(`${preset}:reload=30s${preset.startsWith('varnish') ? ',keep-alive=10m' : ''}`);
    const ws = await socket();
    const sse = await stream();
    const idle = await rig.client();
    const origin = await rig.ask(idle, get('/poll'));
    origin.write(head('204 No Content', 'Cache-Control: no-store'));
    await eventually(() => idle.text.includes('204'));
    await rig.clock.sleep(40_000);
    expect(ws.client.text.endsWith('\x88\x02\x03\xe9')).toBe(closed);
    expect(ws.client.seen.includes('fin')).toBe(closed);
    expect(sse.client.seen).toEqual([]);
    expect(idle.seen[0]).toBe(idleEnd);
  });

  it('never comes unless somebody says how often', async () => {
    await start('caddy');
    const ws = await socket();
    await rig.clock.sleep(120_000);
    expect(ws.client.seen).toEqual([]);
  });
});
