import { describe, expect, it } from 'vitest';
import { RawClient, startServer, until, WsClient } from './rig.ts';

/** Lengths at which a WebSocket frame or an HTTP chunk changes its shape. */
const LENGTHS = [0, 1, 15, 16, 17, 60, 125, 126, 127, 255, 256, 4095, 65_000, 65_400, 65_535, 65_536, 70_000, 300_000];

describe('what is written to the raw socket', () => {
  it('is read back whole at every length, by an HTTP and by a WebSocket client', async () => {
    const rig = await startServer();
    const sse = RawClient.sse(rig.port);
    const ws = new WsClient(`${rig.url}/events/a`);
    await until(() => sse.control('hello').length + ws.of('ok').length === 2);
    for (const length of LENGTHS) void rig.server.publish('a', { type: 'n', data: 'é'.repeat(length) });
    await until(() => sse.events.length === LENGTHS.length, 'the stream');
    await until(() => ws.of('ev').length === LENGTHS.length, 'the socket');
    expect(sse.events.map((e) => e.data!.length)).toEqual(LENGTHS);
    expect(ws.of('ev').map((e) => e.data.length)).toEqual(LENGTHS);
    expect(ws.closed).toBeNull();
  });

  it('is the same for a live reader and for one that catches up', async () => {
    const rig = await startServer();
    const live = RawClient.sse(rig.port);
    await until(() => live.control('hello').length === 1);
    const odd = ['', '\n', '\n\n', 'a\nb', ' leading', ': comment?', 'data: x', '\u0000', '\u{1F600}', '\ufeffbom'];
    for (const data of odd) void rig.server.publish('a', { type: 'n', data });
    await until(() => live.events.length === odd.length);
    const late = RawClient.sse(rig.port, '/events/a?after=earliest');
    await until(() => late.events.length === odd.length);
    expect(late.events).toEqual(live.events);
    expect(live.events.map((e) => e.data)).toEqual(odd);
  });
});
