/**
 * Many subscribers in one process, as cheap as they can be made: raw sockets, no parser. Every event's data holds one
 * MARK, which stands nowhere else on the wire, so counting that byte counts deliveries through any framing.
 */
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { answerOrders } from '../child.ts';

const MARK = 0x40; // "@"
let sockets: Socket[] = [];
let delivered = 0;
let lastAt = 0;
let ended = 0;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function count(chunk: Buffer): void {
  let n = 0;
  for (let at = chunk.indexOf(MARK); at >= 0; at = chunk.indexOf(MARK, at + 1)) n++;
  if (n > 0) {
    delivered += n;
    lastAt = performance.now();
  }
}

/** Opens one subscription and resolves when the answer's head is in. */
function subscribe(port: number, path: string, method: 'sse' | 'websocket'): Promise<void> {
  const ask =
    method === 'sse'
      ? 'Accept: text/event-stream\r\n'
      : 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const want = method === 'sse' ? 'HTTP/1.1 200' : 'HTTP/1.1 101';
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let head = '';
    socket.on('error', reject);
    socket.on('close', () => {
      ended++;
      reject(new Error(`a subscription ended: ${head.slice(0, 200)}`));
    });
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${ask}\r\n`));
    const onHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onHead);
      socket.on('data', count);
      if (head.startsWith(want)) resolve();
      else reject(new Error(head.slice(0, 200)));
    };
    socket.on('data', onHead);
    sockets.push(socket);
  });
}

function publish(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: 'POST', agent, headers: { 'content-type': 'text/plain' } }, (res) => {
      res
        .resume()
        .on('end', () => (res.statusCode! < 300 ? resolve() : reject(new Error(`publish: ${res.statusCode}`))));
    });
    req.on('error', reject);
    req.end(body);
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

answerOrders({
  async subscribe(o: { port: number; path: string; method: 'sse' | 'websocket'; count: number }) {
    for (let done = 0; done < o.count; done += 50) {
      const some = Math.min(50, o.count - done);
      await Promise.all(Array.from({ length: some }, () => subscribe(o.port, o.path, o.method)));
    }
    return sockets.length;
  },
  /** Publishes `count` events, one every `everyMs`, and waits until all are delivered to all. */
  async publish(o: { url: string; count: number; everyMs: number; size: number }) {
    const body = `@${'x'.repeat(o.size - 1)}`;
    const want = o.count * sockets.length;
    delivered = 0;
    ended = 0;
    const begin = performance.now();
    for (let i = 0; i < o.count; i++) {
      await pause(Math.max(0, begin + i * o.everyMs - performance.now()));
      await publish(o.url, body);
    }
    const published = performance.now();
    const deadline = published + 20_000;
    while (delivered < want && performance.now() < deadline) await pause(5);
    return { delivered, want, ended, tookMs: lastAt - begin, tailMs: lastAt - published };
  },
  async leave() {
    const leaving = sockets;
    sockets = [];
    const gone = leaving.map((s) => new Promise((r) => s.removeAllListeners('close').once('close', r)));
    for (const socket of leaving) socket.destroy();
    await Promise.all(gone);
    await pause(200);
  },
});
