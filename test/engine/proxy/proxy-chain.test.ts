/** Byte faults before, between and behind intermediaries: laid into connections that live, and where they stand. */
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, get, head, HttpRig, piece, STREAM, UPGRADE } from './http/rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());
const start = async (...via: string[]): Promise<HttpRig> => (rig = await new HttpRig().start(via));
const turn = (): Promise<void> => new Promise((r) => setImmediate(r));

async function stream() {
  const client = await rig.client();
  const origin = await rig.ask(client);
  origin.write(STREAM);
  await eventually(() => client.text.includes('\r\n\r\n'));
  return { client, origin, port: client.socket.localPort! };
}

async function socket() {
  const client = await rig.client();
  const origin = await rig.ask(client, UPGRADE);
  origin.write(head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'));
  await eventually(() => client.text.includes('\r\n\r\n'));
  return { client, origin, port: client.socket.localPort! };
}

/** The path as it was, and with a fault before and behind what reads HTTP. */
const PLACES: [string, (fault: string) => string][] = [
  ['before', (fault) => `${fault}+http-proxy`],
  ['behind', (fault) => `http-proxy+${fault}`],
];

describe.each(PLACES)('a byte fault laid %s the intermediary of a connection that lives', (_where, via) => {
  it('holds a stream, and lets go of it with nothing lost', async () => {
    await start('http-proxy');
    const { client, origin } = await stream();
    rig.set(via('black-hole:'));
    // it takes a moment to be laid; from then on nothing comes
    let n = 0;
    let reached = 0;
    await eventually(() => {
      origin.write(piece(`data: ${++n}\n\n`));
      const before = reached;
      reached = client.text.match(/data: \d+/g)?.length ?? 0;
      return n > 20 && reached === before && n - reached > 10;
    });
    rig.set('http-proxy');
    await eventually(() => client.text.includes(`data: ${n}\n`));
    expect(client.text.match(/data: \d+/g)).toEqual(Array.from({ length: n }, (_, i) => `data: ${i + 1}`));
    expect(client.seen).toEqual([]);
  });

  it('loses, doubles and reorders nothing of what flows meanwhile, both ways', async () => {
    await start('http-proxy');
    const { client, origin } = await socket();
    const sent = { up: '', down: '' };
    const begun = { up: origin.text.length, down: client.text.length };
    const faults = ['', 'slice:size=64', 'latency:delay=3ms', '', 'slice:size=500'];
    for (let i = 0; i < 3000; i++) {
      const text = `${i},`.repeat(1 + (i % 90));
      origin.write(text);
      client.write(text);
      sent.down += text;
      sent.up += text;
      if (i % 300 === 150) rig.set(faults[Math.floor(i / 300) % faults.length] ? via(faults[Math.floor(i / 300) % faults.length]!) : 'http-proxy'); // prettier-ignore
      if (i % 7 === 0) await turn();
    }
    rig.set('http-proxy');
    await eventually(() => client.text.length >= begun.down + sent.down.length);
    await eventually(() => origin.text.length >= begun.up + sent.up.length);
    expect(client.text.slice(begun.down) === sent.down).toBe(true);
    expect(origin.text.slice(begun.up) === sent.up).toBe(true);
  });

  it('ends it after its idle limit, and the client is told why', async () => {
    await start('http-proxy');
    const { client, port } = await stream();
    rig.set(via('idle-timeout:after=50ms,end=rst'));
    await eventually(() => client.seen.length > 0);
    expect(client.text).not.toContain('0\r\n\r\n');
    expect(rig.causes.take(port)).toMatchObject({ cause: 'idle-limit', by: 'path' });
  });

  it('does not wait for room in a socket that is not its own any more', async () => {
    await start('http-proxy');
    const { client, origin } = await stream();
    client.socket.pause();
    const much = piece('x'.repeat(64 * 1024));
    let n = 0;
    // until everybody on the way is made to wait
    while (origin.socket.write(much) && n < 2000) if (++n % 10 === 0) await turn();
    rig.set(via('latency:delay=1ms'));
    for (let i = 0; i < 20; i++) await turn();
    client.socket.resume();
    origin.write(piece('the last'));
    await eventually(() => client.text.endsWith(piece('the last')));
    expect(client.text.length).toBeGreaterThan((n + 1) * 64 * 1024);
  });

  it('is there for the next connection as well', async () => {
    await start('http-proxy');
    const { client } = await stream();
    rig.set(via('latency:delay=1ms'));
    const next = await rig.client();
    const origin = await rig.ask(next, get('/next'));
    origin.write(head('200 OK', 'Content-Length: 2') + 'ok');
    await eventually(() => next.text.endsWith('ok'));
    expect(client.seen).toEqual([]);
  });
});

describe('intermediaries one behind another', () => {
  it('each do what they do: what the last one makes of a dying origin is all that those before it see', async () => {
    // Caddy ends a cut stream cleanly, so HAProxy has nothing to abort
    await start('haproxy-no-delay+caddy');
    const { client, origin } = await stream();
    origin.write(piece('data: 1\n\n'));
    origin.socket.end();
    await eventually(() => client.text.endsWith('0\r\n\r\n'));
    expect(client.seen).toEqual([]);
  });

  it('speak to the origin as the last one does', async () => {
    await start('nginx-tuned+nginx-default');
    const client = await rig.client();
    const origin = await rig.ask(client);
    expect(origin.text).toMatch(/^GET \/ HTTP\/1\.0\r\n/);
  });

  it('have byte faults between them: what refuses there is answered by the one before', async () => {
    await start('haproxy+refuse:+caddy');
    const client = await rig.client();
    client.write(get('/'));
    await eventually(() => /^HTTP\/1\.1 50\d /.test(client.text));
    expect(rig.arrived).toHaveLength(0);
  });

  it('carry a WebSocket through, and a cut goes through all of them', async () => {
    await start('http-proxy+latency:delay=1ms+http-proxy');
    const { client, origin, port } = await socket();
    client.write('up');
    origin.write('down');
    await eventually(() => origin.text.endsWith('up') && client.text.endsWith('down'));
    expect(rig.path.connections()).toHaveLength(1);
    expect(rig.path.cutAll('rst')).toBe(1);
    await eventually(() => client.seen.includes('rst') && origin.seen.length > 0);
    expect(rig.causes.take(port)).toMatchObject({ cause: 'cut' });
    await eventually(() => rig.path.connections().length === 0);
  });

  it('tell of a connection that goes past one of them', async () => {
    await start('nginx-tuned');
    await stream();
    rig.set('nginx-tuned+nginx-default');
    expect(rig.facts.filter((o) => o.type === 'notice' && o.code === 'next-connections')).toHaveLength(1);
  });

  it('tell with every path of a connection that goes past all of them', async () => {
    await start();
    await rig.open();
    for (const via of ['nginx-default', 'aws-alb', 'corporate-no-upgrade']) rig.set(via);
    const reported = () => rig.facts.filter((o) => o.type === 'notice' && o.code === 'next-connections');
    expect(reported()).toHaveLength(3);
    rig.path.cutAll('rst');
    await eventually(() => rig.path.connections().length === 0);
    rig.set('nginx-tuned');
    expect(reported()).toHaveLength(3);
  });

  it('a preset takes the place of one that has no habits, also in a connection that lives', async () => {
    await start('http-proxy');
    const { client } = await stream();
    rig.set('http-proxy+nginx-tuned');
    expect(rig.facts.some((o) => o.type === 'notice')).toBe(false);
    expect(client.seen).toEqual([]);
    const next = await rig.client();
    const origin = await rig.ask(next, get('/', 'Connection: Upgrade', 'Upgrade: other'));
    expect(origin.text).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
  });

  it('a policy alone is a habit of the one before it', async () => {
    await start('http-proxy+error-status:status=503,first=1');
    const client = await rig.client();
    client.write(get('/1'));
    await eventually(() => client.text.includes(' 503 '));
    rig.set('http-proxy');
    const origin = await rig.ask(client, get('/2'));
    origin.write(head('200 OK', 'Content-Length: 2') + 'ok');
    await eventually(() => client.text.endsWith('ok'));
    expect(rig.facts.some((o) => o.type === 'notice')).toBe(false);
  });
});
