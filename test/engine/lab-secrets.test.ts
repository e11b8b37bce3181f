import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchedLab } from '../helpers/watched-lab.ts';

it('what a person gave with an endpoint leaves the lab by no way: observations, snapshots, recordings', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-secrets-'));
  // an endpoint that repeats whatever it was sent
  const server = createServer((req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'x-echo': String(req.headers['x-anything']) });
    res.write(`id: 1\ndata: {"url":"${req.url}","h":"${req.headers['x-anything']}"}\n\n`);
    setTimeout(() => res.end(), 20);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lab = await watchedLab(
    {
      target: {
        kind: 'remote',
        name: 'echo',
        base: null,
        urls: { sse: `http://user:SeCrEt1x@127.0.0.1:${port}/e?q=SeCrEt2x&code=SeCrEt3x` },
        channel: 'demo',
        headers: { 'X-Anything': 'SeCrEt4x', Authorization: 'Bearer SeCrEt5x' },
        dialect: 'plain',
      },
      lanes: [{ method: 'sse' }],
      backoff: 'none',
    },
    { dataDir: dir, wire: true },
  );
  await lab.lab.startRecording({ file: null });
  await lab.until(
    'a drop and another event',
    () => lab.noted('event', 'sse').length > 1 && lab.noted('drop').length > 0,
  );
  const { config: _, ...snapshot } = lab.lab.snapshot(); // the form needs what was typed; nobody else does
  await lab.close();
  server.close();
  const recording = readdirSync(join(dir, 'recordings')).map((file) =>
    readFileSync(join(dir, 'recordings', file), 'utf8'),
  );
  const everything = { observations: lab.seen, snapshot, recording };
  for (const [where, what] of Object.entries(everything)) {
    expect(JSON.stringify(what).match(/SeCrEt\dx/g), where).toBeNull();
  }
  expect(recording.join('')).toContain('"type":"event"');
  expect(JSON.stringify(lab.noted('wire'))).toContain('‹redacted›');
  rmSync(dir, { recursive: true, force: true });
});
