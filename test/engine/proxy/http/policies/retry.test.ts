import { describe, expect, it } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, piece } from '../rig.ts';
import { open, rig, start, unchunk } from './policy-rig.ts';

describe('retries', () => {
  it('ask the origin again and again, then give up', async () => {
    await start('retry:times=2+http-idle-timeout:after=5s');
    const { client } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    expect(rig.heads()).toBe(3);
  });

  const ask = async (text: string): Promise<{ client: End; asked: number }> => {
    const before = rig.heads();
    const client = await rig.client();
    client.write(text);
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    return { client, asked: rig.heads() - before };
  };

  it('are made of GET and PUT, body and all, but not of POST', async () => {
    await start('retry+http-idle-timeout:after=5s');
    expect((await ask(get('/'))).asked).toBe(2);
    expect((await ask('PUT / HTTP/1.1\r\nHost: o\r\nContent-Length: 3\r\n\r\nx=1')).asked).toBe(2);
    expect(rig.arrived.slice(-2).map((origin) => origin.text.endsWith('\r\n\r\nx=1'))).toEqual([true, true]);
    expect((await ask('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 0\r\n\r\n')).asked).toBe(1);
    expect((await ask('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 3\r\n\r\nx=1')).asked).toBe(1);
    rig.set('retry:methods=safe+http-idle-timeout:after=5s');
    expect((await ask('PUT / HTTP/1.1\r\nHost: o\r\nContent-Length: 0\r\n\r\n')).asked).toBe(1);
    rig.set('retry:methods=all+http-idle-timeout:after=5s');
    expect((await ask('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 0\r\n\r\n')).asked).toBe(2);
  });

  it('of a body in chunks send it whole again', async () => {
    await start('retry+http-idle-timeout:after=5s');
    const chunked = `${piece('one')}${piece('two')}0\r\n\r\n`;
    await ask(`PUT / HTTP/1.1\r\nHost: o\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`);
    const bodies = rig.arrived.map((origin) => unchunk(origin.text));
    expect(bodies).toEqual(['onetwo', 'onetwo']);
  });

  it('follow a reset behind nginx with two servers', async () => {
    await start('nginx-two-upstreams');
    const { client, origin } = await open();
    origin.socket.resetAndDestroy();
    await eventually(() => rig.heads() === 2);
    rig.arrived.at(-1)!.socket.resetAndDestroy();
    await eventually(() => client.text.startsWith('HTTP/1.1 502'));
    expect(rig.heads()).toBe(2);
  });
});
