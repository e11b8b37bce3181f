/** What Node itself costs: an SSE head, and one `res.write` a subscriber for each publish. No log, no resume, no heartbeat. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOrders } from '../child.ts';

const streams = new Set<ServerResponse>();

const server = createServer((req, res) => void answer(req, res));

async function answer(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
  if (req.method === 'POST') {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    const text = `data: ${body}\n\n`;
    for (const stream of streams) stream.write(text);
    return res.writeHead(201).end();
  }
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  res.write(': hello\n\n');
  streams.add(res);
  return res.on('close', () => streams.delete(res));
}

answerOrders({
  listen: () =>
    new Promise((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      );
    }),
});
