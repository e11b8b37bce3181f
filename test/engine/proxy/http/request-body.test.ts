import { afterEach, describe, expect, it } from 'vitest';
import { eventually, head, HttpRig, piece } from './rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());
const start = async (...via: string[]): Promise<HttpRig> => (rig = await new HttpRig().start(via));
const OK = head('200 OK', 'Content-Length: 2') + 'ok';
const post = (...fields: string[]): string => ['POST /a HTTP/1.1', 'Host: origin', ...fields, '', ''].join('\r\n');
const CHUNKED = 'Transfer-Encoding: chunked';

describe('the body of a request', () => {
  it('goes in chunks in HTTP/1.1 only, whatever else is asked for (RFC 9112, 6.1)', async () => {
    await start('http-proxy:version=1.0');
    const client = await rig.client();
    client.write(post(CHUNKED) + piece('hel'));
    await eventually(() => rig.arrived[0]?.text.endsWith(piece('hel')));
    client.write(piece('lo') + '0\r\n\r\n');
    await eventually(() => rig.arrived[0]!.text.endsWith(piece('lo') + '0\r\n\r\n'));
    expect(rig.arrived[0]!.text).toMatch(
      /^POST \/a HTTP\/1\.1\r\n[^]*Connection: close\r\nTransfer-Encoding: chunked\r\n/,
    );
    rig.arrived[0]!.write(OK);
    await eventually(() => client.text.endsWith('ok'));
  });

  it('is asked for by the proxy itself where the origin would not know how (RFC 9110, 10.1.1)', async () => {
    await start('http-proxy:version=1.0');
    const client = await rig.client();
    client.write(post('Content-Length: 5', 'Expect: 100-continue'));
    await eventually(() => client.text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
    client.write('hello');
    await eventually(() => rig.arrived[0]?.text.endsWith('hello'));
    expect(rig.arrived[0]!.text).not.toMatch(/expect/i);
    rig.arrived[0]!.write(OK);
    await eventually(() => client.text.endsWith('ok'));
  });

  it('is asked for by the origin elsewhere', async () => {
    await start('http-proxy');
    const client = await rig.client();
    client.write(post('Content-Length: 5', 'Expect: 100-continue'));
    await eventually(() => rig.arrived[0]?.text.includes('Expect: 100-continue'));
    expect(client.text).toBe('');
    rig.arrived[0]!.write(head('100 Continue'));
    await eventually(() => client.text === head('100 Continue'));
    client.write('hello');
    await eventually(() => rig.arrived[0]!.text.endsWith('hello'));
    rig.arrived[0]!.write(OK);
    await eventually(() => client.text.endsWith('ok'));
  });

  it('need not be awaited by an answer, behind which neither connection is used again', async () => {
    await start('http-proxy');
    const client = await rig.client();
    client.write(post('Content-Length: 100') + 'GET /smuggled HTTP/1.1\r\nHost: origin\r\n');
    await eventually(() => rig.arrived[0]?.text.includes('/smuggled'));
    rig.arrived[0]!.write(head('403 Forbidden', 'Content-Length: 2') + 'no');
    await eventually(() => client.text.endsWith('no') && client.seen.includes('fin'));
    client.write('\r\n'.padEnd(100) + 'GET /after HTTP/1.1\r\nHost: origin\r\n\r\n');
    await eventually(() => rig.arrived[0]!.seen.includes('fin'));
    expect(client.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(rig.arrived).toHaveLength(1);
  });

  it('that turns out to be malformed ends the answer which has begun, and puts none into it', async () => {
    await start('http-proxy');
    const client = await rig.client();
    client.write(post(CHUNKED) + piece('hello'));
    await eventually(() => rig.arrived[0]?.text.endsWith(piece('hello')));
    rig.arrived[0]!.write(head('200 OK', CHUNKED) + piece('answer'));
    await eventually(() => client.text.endsWith(piece('answer')));
    client.write('nonsense\r\n');
    await eventually(() => client.seen.includes('fin') && rig.arrived[0]!.seen.includes('fin'));
    expect(client.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(client.text.endsWith(piece('answer'))).toBe(true);
    expect(rig.arrived[0]!.text).not.toMatch(/nonsense|\r\n0\r\n/);
  });
});

describe('what an origin sends behind its answer', () => {
  it('costs it the connection, and is no answer to the next request', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client);
    origin.write(head('204 No Content') + head('200 OK', 'Content-Length: 6') + 'poison');
    await eventually(() => client.text.includes('204') && origin.seen.includes('fin'));
    const next = await rig.ask(client);
    expect(next).not.toBe(origin);
    next.write(OK);
    await eventually(() => client.text.endsWith('ok'));
    expect(client.text).not.toContain('poison');
  });

  it('costs it the connection also where it comes later', async () => {
    await start('http-proxy');
    const client = await rig.client();
    const origin = await rig.ask(client);
    origin.write(OK);
    await eventually(() => client.text.endsWith('ok'));
    origin.write(head('200 OK', 'Content-Length: 6') + 'poison');
    await eventually(() => origin.seen.length > 0);
    const next = await rig.ask(client);
    next.write(OK);
    await eventually(() => client.text.match(/ok/g)?.length === 2);
    expect(client.text).not.toContain('poison');
  });
});
