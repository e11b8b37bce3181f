import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HEARTLINE_V1 } from '../helpers/dialect.ts';
import type { Observation } from '../../src/shared/observation.ts';

it('a server that switches protocols whatever it is asked ends a watch with exit 3, evidence and a summary', async () => {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const child = spawn(process.execPath, ['src/cli/index.ts', 'watch', url, '--method', 'sse'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining('sse never opened') });
    expect(err).toContain('(protocol)');
    expect(out).toContain('bytes out');
  } finally {
    child.kill();
    for (const socket of open) socket.destroy();
    server.close();
  }
});

it('finds that a recording cannot be made before it watches anything', async () => {
  const child = spawn(
    process.execPath,
    ['src/cli/index.ts', 'watch', 'http://127.0.0.1:9', '--method', 'sse', '--record', import.meta.filename],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/--record: .*There is a recording in this file already/);
});

it('follows by the dialect of a file whatever it is called, and says which flags change nothing', async () => {
  const server = createServer((_, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[{"key":"a","what":"hi"}]}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dir = mkdtempSync(join(tmpdir(), 'heartline-dialect-'));
  const file = join(dir, 'mine.json');
  writeFileSync(
    file,
    JSON.stringify({
      ...HEARTLINE_V1,
      name: 'mine',
      dense: false,
      poll: {
        ...HEARTLINE_V1['poll'],
        ask: { in: 'query', name: 'from' },
        body: { kind: 'list', events: '/items' },
        id: { pointer: '/key' },
        data: { pointer: '/what' },
      },
    }),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/poll`;
  const args = [
    'watch',
    url,
    '--method',
    'short-polling',
    '--dialect',
    file,
    '--ping',
    '5s',
    '--events',
    '1',
    '--json',
  ];
  const child = spawn(process.execPath, ['src/cli/index.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  server.close();
  rmSync(dir, { recursive: true, force: true });
  expect({ code, err }).toMatchObject({ code: 0 });
  const records = out.trim().split('\n').map((line) => JSON.parse(line) as Observation); // prettier-ignore
  expect(records.find((o) => o.type === 'run')).toMatchObject({ target: { dialect: 'mine' } });
  expect(records.find((o) => o.type === 'event')).toMatchObject({ id: 'a' });
  expect(err).toContain('--ping changes nothing here: it is for websocket.');
});
