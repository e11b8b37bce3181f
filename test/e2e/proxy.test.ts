/** `heartline proxy` as people and scripts meet it, and every example of its page. */
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, get as httpsGet } from 'node:https';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { CLI, commandLine, type Running } from '../helpers/cli-process.ts';
import { freePort } from '../helpers/rigs.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/proxy.md'), 'utf8');
const curl = spawnSync('curl', ['--version']).status === 0;

type Line = Record<string, unknown> & { type: string };
type Run = Running<Line>;
const command = commandLine<Line>('proxy');
const { heartline } = command;
const servers = new Set<Server>();
afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

const until = (what: () => unknown): Promise<unknown> =>
  vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 60_000, interval: 20 });

async function proxy(...args: string[]): Promise<{ run: Run; url: string; control: string }> {
  const run = heartline('--json', ...args);
  await until(() => run.out.includes('\n') || run.child.exitCode !== null);
  expect(run.out, run.err).not.toBe('');
  const first = run.lines()[0]!;
  expect(first.type).toBe('listening');
  return { run, url: String(first['url']), control: String(first['control']) };
}

async function listening(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as { port: number }).port;
}

const hello = (): Server => createHttpServer((req, res) => res.end(`hello ${req.url}`)) as unknown as Server;

/** On a connection of its own, so that what was kept from before does not matter. */
const get = async (url: unknown): Promise<string> =>
  (await fetch(String(url), { headers: { connection: 'close' } })).text();

describe('heartline proxy', () => {
  it('forwards, says what happens, is changed while it runs, and ends with a summary', async () => {
    const target = `http://127.0.0.1:${await listening(hello())}/base?token=secret`;
    const { run, url, control } = await proxy('--target', target, '--via', 'latency:delay=1ms');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/base$/);
    expect(await get(url)).toBe('hello /base');
    const disabled = await fetch(`${control}/proxies/proxy/disable`, { method: 'POST' });
    expect(await disabled.json()).toMatchObject({ enabled: false });
    await expect(get(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await fetch(`${control}/reset`, { method: 'POST' });
    expect(await get(url)).toBe('hello /base');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    const lines = run.lines();
    expect(lines.filter((line) => line.type === 'connection' && line['action'] === 'close')).toHaveLength(2);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', proxies: { proxy: { connections: 2, unreachable: 0 } } });
    expect(run.out + run.err).not.toContain('secret');
  });

  it('speaks text to people, on stdout', async () => {
    const port = await listening(hello());
    const run = heartline('--target', `http://127.0.0.1:${port}`, '--via', 'idle-timeout:after=9s', '--control', 'off');
    await until(() => run.out.includes('Listening on'));
    expect(run.out).toContain(`for http://127.0.0.1:${port} through idle-timeout`);
    expect(run.out).not.toContain('Control');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.out).toContain('connections');
  });

  it('ends at once with connections open, and tells of each', async () => {
    const port = await listening(createServer((s) => s.on('error', () => undefined)));
    const { run, url } = await proxy('--target', `tcp://127.0.0.1:${port}`, '--via', 'black-hole:');
    const clients = Array.from({ length: 5 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    for (const client of clients) client.on('error', () => undefined).write('abc');
    const opened = (): number => run.lines().filter((line) => line['action'] === 'open').length;
    await until(() => opened() === 5);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.lines().filter((line) => line['action'] === 'close')).toHaveLength(5);
    expect(run.lines().at(-1)).toMatchObject({ type: 'summary', proxies: { proxy: { connections: 5 } } });
  });

  it('outlives a target that is not there, and finds it once it is', async () => {
    const port = await freePort();
    const { run, url } = await proxy('--target', `http://127.0.0.1:${port}`);
    await expect(get(url)).rejects.toThrow();
    await until(() => run.lines().some((line) => line['code'] === 'target-unreachable'));
    await listening(hello(), '127.0.0.1', port);
    expect(await get(url)).toBe('hello /');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.lines().at(-1)).toMatchObject({ proxies: { proxy: { unreachable: 1 } } });
  });

  it('carries WebSocket, over IPv6, and cuts it', async () => {
    const server = createHttpServer() as unknown as Server;
    const port = await listening(server, '::1');
    new WebSocketServer({ server: server as never }).on('connection', (ws) => ws.on('message', (m) => ws.send(m)));
    const { url, control } = await proxy('--target', `ws://[::1]:${port}`);
    expect(url).toMatch(/^ws:/);
    const ws = new WebSocket(url);
    await once(ws, 'open');
    ws.send('there and back');
    expect(String((await once(ws, 'message'))[0])).toBe('there and back');
    const { connections } = (await (await fetch(`${control}/connections`)).json()) as { connections: object[] };
    expect(connections).toMatchObject([{ proxy: 'proxy', state: 'open' }]);
    const gone = once(ws, 'close');
    await fetch(`${control}/cut?end=fin`, { method: 'POST' });
    expect((await gone)[0]).toBe(1006);
  });

  it('carries TLS between the client and the target itself', async () => {
    const tls = (file: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/tls', file));
    const server = createHttpsServer({ key: tls('key.pem'), cert: tls('cert.pem') }, (_, res) => res.end('sealed'));
    const port = await listening(server as unknown as Server);
    const { run, url, control } = await proxy(
      '--target',
      `https://127.0.0.1:${port}`,
      '--via',
      'slice:size=7B,delay=0ms',
    );
    expect(url).toMatch(/^https:/);
    const body = await new Promise<string>((resolve, reject) => {
      httpsGet(url, { ca: tls('cert.pem'), servername: 'localhost', agent: false }, (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (d: string) => (text += d));
        res.on('end', () => resolve(text));
      }).on('error', reject);
    });
    expect(body).toBe('sealed');
    // A client that speaks none leaves TLS to the path, which trusts nobody that the machine does not.
    const { plain } = run.lines()[0]!;
    expect(plain).toBe(url.replace('https', 'http'));
    expect((await fetch(String(plain))).status).toBe(502);
    await until(() => run.out.includes('NODE_EXTRA_CA_CERTS'));
    expect(await (await fetch(`${control}/metrics`)).text()).toContain(`upstream="https://127.0.0.1:${port}"`);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
  });

  it('scales the path alone, and says so', async () => {
    const port = await listening(createServer(() => undefined));
    const { run, url, control } = await proxy(
      '--target',
      `tcp://127.0.0.1:${port}`,
      '--via',
      'idle-timeout:after=60s',
      '--time-scale',
      '60',
    );
    await until(() => run.out.includes('path-time-only'));
    expect(run.lines()[0]).toMatchObject({ type: 'listening', timeScale: 60 });
    expect(await (await fetch(`${control}/version`)).json()).toMatchObject({ timeScale: 60 });
    const began = performance.now();
    await fetch(url.replace('tcp', 'http')).catch(() => undefined);
    expect(performance.now() - began).toBeLessThan(30_000);
    await until(() => run.lines().some((line) => line.type === 'fault' && line['action'] === 'fire'));
    const fire = run.lines().find((line) => line.type === 'connection' && line['action'] === 'close');
    if (fire) expect(Number(fire['age'])).toBeGreaterThan(59_000);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.lines().at(-1)).toMatchObject({ type: 'summary', timeScale: 60 });
  });

  it('takes several from a file', async () => {
    const port = await listening(hello());
    const target = `http://127.0.0.1:${port}`;
    const file = join(command.dir, 'proxies.json');
    writeFileSync(
      file,
      JSON.stringify([
        { name: 'a', target },
        { name: 'b', target, enabled: false },
      ]),
    );
    const { run } = await proxy('--proxies', file);
    await until(() => run.lines().filter((line) => line.type === 'listening').length === 2);
    const [a, b] = run.lines();
    expect(await get(a!['url'])).toBe('hello /');
    await expect(get(b!['url'])).rejects.toThrow();
    await fetch(`${String(b!['control'])}/proxies/b/enable`, { method: 'POST' });
    expect(await get(b!['url'])).toBe('hello /');
  });
});

describe('bad usage', () => {
  it.each<[string, string[]]>([
    ['--target', []],
    ['--target', ['--target', '127.0.0.1:80']],
    ['Did you mean https:', ['--target', 'htps://h']],
    ['names no port', ['--target', 'tcp://h']],
    ['--listen', ['--target', 'http://h', '--listen', 'x']],
    ['--listen', ['--proxies', 'x.json', '--listen', '1']],
    ['Did you mean latency?', ['--target', 'http://h', '--via', 'latancy:delay=1s']],
    ['--via: A proxy has no lanes', ['--target', 'http://h', '--via', 'latency:lanes=sse']],
    ['--control', ['--target', 'http://h', '--control', '70000']],
    ['--time-scale', ['--target', 'http://h', '--time-scale', 'fast']],
  ])('says %s and exits 2', async (text, args) => {
    const run = heartline(...args, '--json');
    expect(await run.ended).toBe(2);
    expect(run.err).toContain(text);
    expect(run.err).not.toMatch(/\n\s+at /);
    expect(run.out).toBe('');
  });

  it('names file, line, key and the nearest name', async () => {
    const file = join(command.dir, 'wrong.json');
    writeFileSync(file, '[\n  {"name": "a", "target": "http://h",\n   "via": ["latancy:"]}\n]\n');
    const run = heartline('--proxies', file);
    expect(await run.ended).toBe(2);
    expect(run.err).toContain(
      `${file}:3: [0].via[0]: There is no preset, fault or policy called "latancy". Did you mean latency?`,
    );
  });

  it('a port or a file that cannot be had is 3', async () => {
    const port = String(await listening(createServer()));
    for (const [place, args] of [
      ['--listen', ['--target', 'http://h', '--listen', port]],
      ['--control', ['--target', 'http://h', '--control', port]],
      ['--proxies', ['--proxies', join(command.dir, 'nowhere.json')]],
    ] as const) {
      const run = heartline(...args);
      expect(await run.ended, place).toBe(3);
      expect(run.err).toContain(place);
      expect(run.out).toBe('');
    }
  });
});

describe.skipIf(!curl)('the examples of the page', () => {
  it('all work, in their order', async () => {
    const { control } = await proxy('--target', `http://127.0.0.1:${await listening(hello())}`);
    const examples = [...PAGE.matchAll(/```sh\n(.*?)```/gs)]
      .flatMap(([, block]) => block!.split('\n'))
      .filter((line) => line.startsWith('curl '));
    expect(examples.length).toBeGreaterThan(20);
    for (const example of examples) {
      const line = example
        .replaceAll('http://127.0.0.1:8474', control)
        .replace(/^curl/, `curl -sS -o /dev/null -w '%{http_code}'`);
      const { stdout } = await promisify(execFile)('sh', ['-c', line]);
      expect(stdout, example).toMatch(/^20[014]$/);
    }
  });

  it('and so do its file and its flags', async () => {
    const [, file] = /```json\n(.*?)```/s.exec(PAGE)!;
    const list = (JSON.parse(file!) as { listen: number }[]).map((one) => ({ ...one, listen: 0 }));
    const { control } = await proxy('--target', 'http://127.0.0.1:1', '--control', '0');
    const made = await fetch(`${control}/populate`, { method: 'POST', body: JSON.stringify(list) });
    expect(made.status).toBe(201);
    const help = spawnSync(process.execPath, [CLI, 'proxy', '--help'], { encoding: 'utf8' }).stdout;
    for (const [, name] of PAGE.matchAll(/^\| `(--[a-z-]+)/gm)) expect(help).toContain(name!);
  });
});
