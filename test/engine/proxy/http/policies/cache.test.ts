import { describe, expect, it } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, head, piece, STREAM } from '../rig.ts';
import { EVENT, open, rig, start } from './policy-rig.ts';

/** Asks once, the origin saying `body`; what comes of it, and whether the origin was asked. */
async function poll(body: string, asks: string[], says: string[] = []): Promise<{ client: End; asked: boolean }> {
  const n = rig.heads();
  const client = await rig.client();
  client.write(get('/poll', ...asks));
  await eventually(() => rig.heads() > n || client.text !== '');
  const asked = rig.heads() > n;
  if (asked) rig.arrived.at(-1)!.write(head('200 OK', `Content-Length: ${body.length}`, ...says) + body);
  await eventually(() => client.text.includes('\r\n\r\n') && !client.text.endsWith('\r\n\r\n'));
  return { client, asked };
}

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: origin\r\n\r\n';

const bodyOf = ({ text }: End): string => text.slice(text.indexOf('\r\n\r\n') + 4);

describe('a cache', () => {
  it('gives out an answer nobody allowed it to keep, and answers 304 by itself', async () => {
    await start('cache');
    const { client, origin } = await open(get('/poll'));
    origin.write(head('200 OK', 'Content-Length: 2', 'ETag: "a"') + 'v1');
    await eventually(() => client.text.endsWith('v1'));
    client.write(get('/poll'));
    await eventually(() => client.text.match(/v1/g)?.length === 2);
    client.write(get('/poll', 'If-None-Match: W/"a"'));
    await eventually(() => client.text.includes('304 Not Modified'));
    expect(rig.heads()).toBe(1);
  });

  it('that keeps nothing still answers 304 by itself', async () => {
    await start('cache:keeps=0s');
    const { client, origin } = await open(get('/poll', 'If-None-Match: "a"'));
    expect(origin.text).not.toContain('If-None-Match');
    origin.write(head('200 OK', 'Content-Length: 2', 'ETag: "a"') + 'v1');
    await eventually(() => client.text.includes('304 Not Modified'));
    await rig.ask(client, get('/poll'));
    expect(rig.heads()).toBe(2);
  });

  it('replays a stream that is still coming, from its beginning, to the next client', async () => {
    await start('cache');
    const { client, origin } = await open(get('/sse'));
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
    const second = await rig.client();
    second.write(get('/sse'));
    await eventually(() => second.text.endsWith(EVENT));
    origin.write(piece('data: 2\n\n') + '0\r\n\r\n');
    await eventually(() => second.text.endsWith(piece('data: 2\n\n') + '0\r\n\r\n'));
    expect(rig.heads()).toBe(1);
  });

  it('breaks off for all when the origin does', async () => {
    await start('cache');
    const { client, origin } = await open(get('/sse'));
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
    const second = await rig.client();
    second.write(get('/sse'));
    await eventually(() => second.text.endsWith(EVENT));
    origin.socket.destroy();
    await eventually(() => client.seen.includes('fin') && second.seen.includes('fin'));
    await rig.ask(await rig.client(), get('/sse')); // and nothing was kept
  });

  it('does not keep what it is told not to keep', async () => {
    await start('cache');
    const { client, origin } = await open(get('/poll'));
    origin.write(head('200 OK', 'Content-Length: 2', 'Cache-Control: no-store') + 'v1');
    await eventually(() => client.text.endsWith('v1'));
    await rig.ask(client, get('/poll'));
  });

  it('keeps even that where a rule says so', async () => {
    await start('cache:control=ignored');
    const { client, origin } = await open(get('/poll'));
    origin.write(head('200 OK', 'Content-Length: 2', 'Cache-Control: no-store') + 'v1');
    await eventually(() => client.text.endsWith('v1'));
    const second = await rig.client();
    second.write(get('/poll'));
    await eventually(() => second.text.endsWith('v1'));
    expect(rig.heads()).toBe(1);
  });
});

describe('a cache that tells people apart', () => {
  it.each([['Authorization: Bearer '], ['Cookie: who=']])('asks the origin for each by %s', async (field) => {
    await start('varnish');
    const anna = await poll('anna', [`${field}anna`]);
    const bert = await poll('bert', [`${field}bert`]);
    const nobody = await poll('nobody', []);
    const cora = await poll('cora', [`${field}cora`]);
    expect([anna, bert, nobody, cora].map(({ client }) => bodyOf(client))).toEqual(['anna', 'bert', 'nobody', 'cora']);
    expect((await poll('again', [])).asked).toBe(false);
  });

  it('lets nobody wait for a person’s answer', async () => {
    await start('varnish:idle-timeout=1h');
    const clients = [await rig.client(), await rig.client(), await rig.client()];
    for (const client of clients) client.write(get('/held', 'Cookie: who=anna'));
    await eventually(() => rig.heads() === 3);
  });

  it('does not keep an answer that sets a cookie, or varies by all', async () => {
    await start('cache');
    await poll('one', [], ['Set-Cookie: who=anna']);
    await poll('two', [], ['Vary: *']);
    expect((await poll('three', [])).asked).toBe(true);
  });

  it('keeps one answer for each value of what it varies by', async () => {
    await start('cache');
    const says = ['Vary: X-Lang'];
    await poll('hello', ['X-Lang: en'], says);
    expect((await poll('hallo', ['X-Lang: de'], says)).asked).toBe(true);
    expect(bodyOf((await poll('', ['X-Lang: en'])).client)).toBe('hello');
    expect(bodyOf((await poll('', ['X-Lang: de'])).client)).toBe('hallo');
    expect(rig.heads()).toBe(2);
  });
});

describe('a cache that heeds Cache-Control', () => {
  it('keeps an answer for its max-age, or its s-maxage, and asks anew behind that', async () => {
    await start('cache:keeps=0s');
    await poll('old', [], ['Cache-Control: max-age=5, s-maxage=60']);
    await rig.clock.sleep(30_000);
    expect((await poll('', [])).asked).toBe(false);
    await rig.clock.sleep(40_000);
    expect(bodyOf((await poll('new', [])).client)).toBe('new');
  });

  it.each([['max-age=0'], ['private, max-age=60'], ['no-cache']])('does not keep what says %s', async (control) => {
    await start('cache');
    await poll('one', [], [`Cache-Control: ${control}`]);
    expect((await poll('two', [])).asked).toBe(true);
  });

  it('heeds Expires where there is nothing else', async () => {
    await start('cache:keeps=0s');
    const date = 'Date: Sun, 06 Nov 1994 08:49:37 GMT';
    await poll('one', [], [date, 'Expires: Sun, 06 Nov 1994 08:50:37 GMT']);
    expect((await poll('', [])).asked).toBe(false);
    rig.set('cache:keeps=60s');
    await poll('one', [], [date, 'Expires: 0']);
    expect((await poll('two', [])).asked).toBe(true);
  });
});

describe('an answer that is kept', () => {
  it.each([['varnish'], ['nginx-cache-lock'], ['squid']])(
    'is 304 behind %s to whoever has it already',
    async (preset) => {
      await start(preset);
      await poll('one', [], ['ETag: "a"', 'Cache-Control: max-age=600']);
      const client = await rig.client();
      client.write(get('/poll', 'If-None-Match: "a"'));
      await eventually(() => client.text.startsWith('HTTP/1.1 304 '));
      expect(rig.heads()).toBe(1);
    },
  );
});

describe('an answer out of a cache', () => {
  it('says how old it is, as Varnish does with every answer', async () => {
    await start('varnish');
    expect((await poll('one', [])).client.text).toContain('Age: 0\r\n');
    await rig.clock.sleep(20_000);
    const again = await poll('', []);
    expect(again.asked).toBe(false);
    expect(Number(/Age: (\d+)/.exec(again.client.text)?.[1])).toBeGreaterThanOrEqual(20);
  });

  it('does not say it behind nginx', async () => {
    await start('nginx-cache-lock');
    await poll('one', []);
    const again = await poll('', []);
    expect(again.asked).toBe(false);
    expect(again.client.text).not.toContain('Age');
  });
});

describe('a request in doubt', () => {
  it('does not become two, whose second answer is kept for a third', async () => {
    await start('cache');
    const client = await rig.client();
    const fields = ['Connection: content-length', `Content-Length: ${SMUGGLED.length}`];
    const post = get('/a', ...fields).replace('GET', 'POST');
    client.write(post + SMUGGLED);
    await eventually(() => rig.arrived[0]?.text.endsWith(SMUGGLED));
    client.write(get('/poll'));
    rig.arrived[0]!.write(head('200 OK', 'Content-Length: 6') + 'posted');
    await eventually(() => rig.arrived[0]!.text.includes('/poll'));
    rig.arrived[0]!.write(head('200 OK', 'Content-Length: 4') + 'poll');
    await eventually(() => client.text.endsWith('poll'));
    const { client: other, asked } = await poll('anew', []);
    expect([bodyOf(other), asked]).toEqual(['poll', false]);
  });

  it('does not hide from the origin what the answer is kept by', async () => {
    await start('cache');
    await poll('plain', ['Connection: X-Lang', 'X-Lang: de'], ['Vary: X-Lang']);
    const { client, asked } = await poll('deutsch', ['X-Lang: de'], ['Vary: X-Lang']);
    expect([bodyOf(client), asked]).toEqual(['deutsch', true]);
  });

  it('with a body is neither kept nor shared', async () => {
    await start('cache+collapse:how=serialise');
    const body = ['Content-Length: 0', 'X: 1'];
    await poll('plain', body);
    const client = await rig.client();
    client.write(get('/held', 'Content-Length: 4') + 'body');
    await eventually(() => rig.arrived.at(-1)!.text.endsWith('body'));
    rig.arrived.at(-1)!.write(head('200 OK', 'Content-Length: 5') + 'about');
    await eventually(() => client.text.endsWith('about'));
    const other = await rig.client();
    other.write(get('/held'));
    await eventually(() => rig.arrived.at(-1)!.text.includes('/held') && !rig.arrived.at(-1)!.text.endsWith('body'));
  });
});
