import { afterEach, describe, expect, it } from 'vitest';
import { eventually, get, head, HttpRig, piece, STREAM, UPGRADE } from './rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());
const start = async (...via: string[]): Promise<HttpRig> => (rig = await new HttpRig().start(via));

describe('an intermediary with no habits', () => {
  it('passes requests and answers on, one after another over kept connections', async () => {
    await start('http-proxy');
    const client = await rig.client();
    for (const n of [1, 2, 3]) {
      const origin = await rig.ask(client, get(`/${n}`));
      origin.write(head('200 OK', 'Content-Length: 3', 'ETag: "x"') + `no${n}`);
      await eventually(() => client.text.endsWith(`no${n}`));
    }
    expect(client.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    expect(client.text).toContain('ETag: "x"');
    expect(rig.arrived).toHaveLength(1);
  });

  it('stands behind byte faults as well as alone', async () => {
    await start('latency:delay=2ms+http-proxy:');
    const client = await rig.client();
    const origin = await rig.ask(client, get('/slow'));
    origin.write(head('200 OK', 'Content-Length: 2') + 'ok');
    await eventually(() => client.text.endsWith('ok'));
  });

  it('answers requests that were sent ahead in their order', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client, get('/1') + get('/2'));
    origin.write(head('200 OK', 'Content-Length: 1') + '1');
    await eventually(() => rig.heads() === 2);
    origin.write(head('200 OK', 'Content-Length: 1') + '2');
    await eventually(() => client.text.endsWith('2'));
    expect(client.text.indexOf('\r\n\r\n1')).toBeLessThan(client.text.indexOf('\r\n\r\n2'));
  });

  it('hands a stream on piece by piece, and its end', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client);
    origin.write(STREAM);
    await eventually(() => client.text.includes('\r\n\r\n'));
    origin.write(piece('data: 1\n\n'));
    await eventually(() => client.text.endsWith(piece('data: 1\n\n')));
    origin.write('0\r\n\r\n');
    await eventually(() => client.text.endsWith('0\r\n\r\n'));
    expect(client.seen).toEqual([]);
  });

  it('hands chunks on as they came, but not their extensions nor the trailer', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client);
    origin.write(STREAM + piece('one') + piece('two') + '5;secret="1"\r\nthree\r\n4\r\nfo');
    await eventually(() => client.text.includes('fo'));
    origin.write('ur\r\n' + piece('five') + '0\r\nX-Trailer: 1\r\n\r\n');
    await eventually(() => client.text.endsWith('0\r\n\r\n'));
    expect(client.text).not.toMatch(/secret|X-Trailer/);
    const body = client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
    expect(body).toBe(['one', 'two', 'three', 'fo', 'ur', 'five'].map(piece).join('') + '0\r\n\r\n');
  });

  it('carries request bodies, by length and in chunks', async () => {
    await start('http-proxy');
    const client = await rig.client();
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel');
    await eventually(() => rig.arrived[0]?.text.endsWith('hel'));
    client.write('lo');
    await eventually(() => rig.arrived[0]!.text.endsWith('hello'));
    rig.arrived[0]!.write(head('204 No Content'));
    await eventually(() => client.text.includes('204'));
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' + piece('hi') + '0\r\n\r\n');
    await eventually(() => rig.arrived[0]!.text.endsWith(piece('hi') + '0\r\n\r\n'));
  });

  it('turns into a tunnel after 101', async () => {
    await start('http-proxy');
    const client = await rig.client('websocket');
    const origin = await rig.ask(client, UPGRADE);
    expect(origin.text).toMatch(/upgrade: websocket/i);
    origin.write(head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade') + 'early');
    await eventually(() => client.text.endsWith('early'));
    client.write('up');
    await eventually(() => origin.text.endsWith('up'));
    origin.socket.end();
    await eventually(() => client.seen.includes('fin'));
  });

  it('keeps fields that are about one connection to itself', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client, get('/', 'Connection: keep-alive, X-Mine', 'X-Mine: 1', 'X-Yours: 2'));
    expect(origin.text).not.toMatch(/x-mine/i);
    expect(origin.text).toContain('X-Yours: 2');
  });

  it('refuses what is not HTTP, and a request that may be smuggled', async () => {
    await start('http-proxy');
    for (const text of ['hello\r\n\r\n', get('/', 'Content-Length: 1', 'Transfer-Encoding: chunked')]) {
      const client = await rig.client();
      client.write(text);
      await eventually(() => client.seen.includes('fin'));
      expect(client.text).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(rig.arrived).toHaveLength(0);
  });

  it('is no way to other hosts', async () => {
    await start('http-proxy');
    const client = await rig.client();
    client.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');
    await eventually(() => client.text.startsWith('HTTP/1.1 501'));
  });

  it('answers 502 where the origin answers nonsense, and where it is not there', async () => {
    await start('http-proxy');
    const client = await rig.client();
    (await rig.ask(client)).write('who are you?\r\n\r\n');
    await eventually(() => client.text.includes('502'));
    const lost = await rig.dial('sse', '127.0.0.1', 1);
    lost.write(get('/'));
    await eventually(() => lost.text.includes('502'));
    expect(lost.seen).toEqual([]);
  });

  it('sends a request anew when a kept connection closes under it', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const first = await rig.ask(client);
    first.write(head('204 No Content'));
    await eventually(() => client.text.includes('204'));
    client.write(get('/again'));
    await eventually(() => first.text.includes('/again'));
    first.socket.resetAndDestroy();
    await eventually(() => rig.arrived.length === 2 && rig.arrived[1]!.text.includes('/again'));
    rig.arrived[1]!.write(head('200 OK', 'Content-Length: 2') + 'ok');
    await eventually(() => client.text.endsWith('ok'));
  });

  it('tells the origin at once when the client leaves', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client);
    client.socket.destroy();
    await eventually(() => origin.seen.includes('fin'));
  });

  it('lets TLS through unread', async () => {
    await start('http-proxy');
    const client = await rig.client();
    client.write('\x16\x03\x01secret');
    await eventually(() => rig.arrived[0]?.text === '\x16\x03\x01secret');
    rig.arrived[0]!.write('answer');
    await eventually(() => client.text === 'answer');
    client.socket.end();
    await eventually(() => rig.arrived[0]!.seen.includes('fin'));
    const cut = await rig.client();
    cut.write('\x16\x03\x01');
    await eventually(() => rig.arrived.length === 2);
    rig.path.cutAll('rst');
    await eventually(() => cut.seen.includes('rst') && rig.arrived[1]!.seen.length > 0);
  });

  it('is seen as one connection, and can be cut', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client);
    expect(rig.path.connections()).toMatchObject([{ lane: 'sse', state: 'open' }]);
    expect(rig.path.cutAll('rst')).toBe(1);
    await eventually(() => client.seen.includes('rst') && origin.seen.includes('rst'));
    expect(rig.causes.take(client.socket.localPort ?? 0) ?? { cause: 'cut' }).toMatchObject({ cause: 'cut' });
    await eventually(() => rig.path.connections().length === 0);
  });
});

describe('between byte faults', () => {
  it('acts where its policies stand', async () => {
    await start('slice:+http-proxy+latency:delay=50ms');
    const client = await rig.client();
    const sent = performance.now();
    const origin = await rig.ask(client);
    origin.write(head('200 OK', 'Content-Length: 5') + 'hello');
    await eventually(() => client.text.endsWith('hello'));
    expect(performance.now() - sent).toBeGreaterThanOrEqual(95);
    expect(rig.path.connections()).toHaveLength(1);
  });

  it('refuses at its door only where nothing stands before the refusal', async () => {
    await start('http-proxy+refuse:');
    const client = await rig.client();
    client.write(get('/'));
    await eventually(() => client.text.includes('502'));
  });

  it('leaves a path without policies to bytes', async () => {
    await start();
    const client = await rig.client();
    client.write('not http');
    await eventually(() => rig.arrived[0]?.text === 'not http');
    rig.set('http-proxy');
    client.write(' at all');
    await eventually(() => rig.arrived[0]!.text === 'not http at all');
  });
});
