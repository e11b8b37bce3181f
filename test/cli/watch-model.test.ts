/** A request to a model costs money: whatever is not known of its server, and however it ends, it arrives once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

const CHUNK = 'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';

it.each([
  ['complete', ['--dialect', 'openai-chat'], true, { truncated: false }],
  ['cut off', ['--dialect', 'openai-chat'], false, { truncated: true }],
  ['of a server that nobody named', [], false, { truncated: null, tokens: null }],
])(
  'a stream that is %s is asked for once',
  async (_, dialect, whole, told) => {
    const asked: string[] = [];
    const server = createServer((req, res) => {
      asked.push(req.method!);
      req.resume().on('end', () => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        if (whole) res.end(`${CHUNK}${CHUNK}data: [DONE]\n\n`);
        else res.write(CHUNK + CHUNK, () => setTimeout(() => res.destroy(), 30));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`;
    const how = ['--method', 'sse', '--http-method', 'POST', '--data', '{"model":"m","messages":[]}', '--json'];
    const child = spawn(process.execPath, ['src/cli/index.ts', 'watch', url, ...how, ...dialect, '--for', '20s'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      let out = '';
      child.stdout.on('data', (text) => (out += text));
      child.stderr.resume();
      await once(child, 'close');
      const last = JSON.parse(out.trim().split('\n').at(-1)!);
      expect(last.lanes.sse).toMatchObject({ received: 2, requests: 1, ...told });
      if (dialect.length > 0) expect(last.lanes.sse.tokens).toMatchObject({ count: 2, repeated: null });
      expect(asked).toEqual(['POST']);
    } finally {
      child.kill();
      server.closeAllConnections();
      server.close();
    }
  },
  60_000,
);
