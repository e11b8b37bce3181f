import { describe, expect, it } from 'vitest';
import { eventually, get, piece, STREAM } from '../rig.ts';
import { EVENT, open, rig, socket, start, startAt, stream } from './policy-rig.ts';

describe('an idle limit', () => {
  it('may never fire before a delay of its own', async () => {
    await start('http-idle-timeout:after=20s,late-least=20s,late=25s');
    const { client } = await open();
    const asked = rig.clock.now();
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    expect(rig.clock.now() - asked).toBeGreaterThanOrEqual(39_000);
  });

  it('gives a held poll an answer of its own, keeps the client and ends the origin', async () => {
    await start('keep-alive+http-idle-timeout:after=20s,poll=503,origin=rst');
    const { client, origin } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 503 '));
    await eventually(() => origin.seen.includes('rst'));
    expect(client.seen).toEqual([]);
    await rig.ask(client, get('/again'));
    expect(rig.facts).toContainEqual(
      expect.objectContaining({
        type: 'fault',
        name: 'http-idle-timeout',
        action: 'fire',
        detail: '20 s without a byte: 503 / rst',
      }),
    );
  });

  it.each([['fin'], ['rst']])('may give a poll nothing but %s', async (kind) => {
    await start(`http-idle-timeout:after=20s,poll=${kind}`);
    const { client } = await open();
    await eventually(() => client.seen.includes(kind));
    expect(client.text).toBe('');
  });

  it('cuts a silent stream short, or ends it as if it were complete', async () => {
    await start('http-idle-timeout:after=20s');
    const cut = await stream();
    await eventually(() => cut.client.seen.includes('fin') && cut.origin.seen.includes('fin'));
    expect(cut.client.text).not.toContain('0\r\n\r\n');
    rig.set('http-idle-timeout:after=20s,stream=clean');
    const clean = await stream();
    await eventually(() => clean.client.text.endsWith('0\r\n\r\n') && clean.origin.seen.includes('fin'));
    expect(clean.client.seen).toEqual([]);
  });

  it('begins anew with every byte, a comment included', async () => {
    await start('http-idle-timeout:after=60s');
    const { client, origin } = await stream();
    for (let i = 0; i < 8; i++) {
      await rig.clock.sleep(20_000);
      origin.write(piece(': hb\n\n'));
    }
    expect(client.seen).toEqual([]);
    await eventually(() => client.seen.includes('fin'));
  });

  it('may count the origin’s bytes only', async () => {
    await start('http-idle-timeout:after=60s,resets=down');
    const { client } = await socket();
    const began = rig.clock.now();
    while (!client.seen.includes('fin') && rig.clock.now() - began < 600_000) {
      if (!client.socket.destroyed) client.write('ping');
      await rig.clock.sleep(10_000);
    }
    expect(client.seen).toContain('fin');
    expect(rig.clock.now() - began).toBeLessThan(300_000);
  });

  it('may count the client’s bytes only, in a WebSocket', async () => {
    await start('bunny:idle-timeout=60s');
    const { client, origin } = await socket();
    const sse = await open(get('/sse'));
    sse.origin.write(STREAM + EVENT);
    const heartbeat = setInterval(() => {
      if (!origin.socket.destroyed) origin.write('\x89\x00');
      if (!sse.origin.socket.destroyed) sse.origin.write(EVENT);
    }, 50);
    for (let i = 0; i < 6; i++) {
      client.write('\x8a\x80\x00\x00\x00\x00');
      await rig.clock.sleep(20_000);
    }
    expect(client.seen).toEqual([]);
    await eventually(() => client.seen.includes('fin'));
    clearInterval(heartbeat);
    expect(sse.client.seen).toEqual([]);
  });

  it('is lazy where nginx is: bytes soon after others do not move the end', async () => {
    await startAt(20, 'http-idle-timeout:after=20s,lazy=10s'); // slower: this one is timed
    const { client, origin } = await stream();
    const began = rig.clock.now();
    await rig.clock.sleep(8000);
    origin.write(EVENT);
    await eventually(() => client.seen.includes('fin'));
    expect(rig.clock.now() - began).toBeLessThan(27_000); // 20 s, not 28
  });

  it('may be late by a share of itself, but only for a stream', async () => {
    await startAt(20, 'http-idle-timeout:after=20s,late-share=100'); // slower: this one is timed
    const lates: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { client } = await stream();
      const began = rig.clock.now();
      await eventually(() => client.seen.includes('fin'));
      lates.push(rig.clock.now() - began - 20_000);
    }
    expect(Math.max(...lates)).toBeGreaterThan(6000);
    expect(Math.max(...lates)).toBeLessThan(24_000);
    const polls = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = await rig.client();
        client.write(get('/held'));
        const asked = rig.clock.now();
        await eventually(() => client.text.startsWith('HTTP/1.1 504'));
        return rig.clock.now() - asked;
      }),
    );
    expect(Math.max(...polls)).toBeLessThan(23_000);
  });

  it('of Varnish is one of a stream, late by at most a twentieth', async () => {
    await startAt(20, 'varnish:idle-timeout=10s');
    const { client } = await open();
    const asked = rig.clock.now();
    await eventually(() => client.text.startsWith('HTTP/1.1 503'));
    expect(rig.clock.now() - asked).toBeLessThan(11_000);
  });

  it('leaves WebSockets alone when told to, or closes them with 1001', async () => {
    await start('http-idle-timeout:after=20s,ws=close-1001');
    const { client, origin } = await socket();
    await eventually(() => client.seen.includes('fin') && origin.seen.includes('fin'));
    expect(client.text.endsWith('\x88\x02\x03\xe9')).toBe(true);
    rig.set('http-idle-timeout:after=20s,ws=none');
    const spared = await socket();
    await rig.clock.sleep(40_000);
    expect(spared.client.seen).toEqual([]);
  });

  it('has another limit before the answer begins, and may not tell the origin', async () => {
    await start('heroku:http-idle-timeout.first-byte=10s');
    const { client, origin } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 503'));
    expect(origin.seen).toEqual([]);
  });

  it('counts the bytes of the client only, as Cowboy does: heartbeats save no stream', async () => {
    await start('cowboy');
    const { client, origin } = await stream();
    for (let s = 0; s < 50; s += 10) {
      origin.write(EVENT);
      await rig.clock.sleep(10_000);
    }
    expect(client.seen).not.toContain('fin');
    await eventually(() => client.seen.includes('fin'));
  });
});
