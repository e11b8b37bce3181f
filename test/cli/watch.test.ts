import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

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
