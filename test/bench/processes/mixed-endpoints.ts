/** Endpoints of several makes in one process: event streams, WebSockets and lists to poll, which want a token; one pace for all. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { answerOrders } from '../child.ts';

const streams: ServerResponse[] = [];
const sockets: WebSocket[] = [];
let seq = 0;
let sent = 0;

const server = createServer((req, res) => {
  if (!/^Bearer |^Basic /.test(req.headers.authorization ?? '')) return void res.writeHead(401).end();
  if (req.headers.accept !== 'text/event-stream') {
    res.setHeader('content-type', 'application/json');
    return void res.end(JSON.stringify({ now: Math.floor(Date.now() / 1000) }));
  }
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.flushHeaders();
  streams.push(res);
});
new WebSocketServer({ server }).on('connection', (ws) => sockets.push(ws));

answerOrders({
  listen: () =>
    new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port })),
    ),
  open: () => ({ streams: streams.length, sockets: sockets.length }),
  sent: () => sent,
  /** So many events a second, over all that are open, in turn. */
  pace({ rate }: { rate: number }) {
    let due = performance.now();
    setInterval(() => {
      for (; due < performance.now(); due += 1000 / rate) {
        const all = streams.length + sockets.length;
        const at = seq++ % all;
        const data = `{"seq":${seq},"price":101.25,"text":"an event of usual size, with some words in it"}`;
        if (at < streams.length) streams[at]!.write(`id: ${seq}\ndata: ${data}\n\n`);
        else sockets[at - streams.length]!.send(data);
        sent++;
      }
    }, 10);
    return {};
  },
});
