/** An origin of streams that talk for as long as they are asked to, then fall silent for good: `GET /900` for 900 ms. */
import { createServer, type AddressInfo } from 'node:net';
import { answerOrders } from '../child.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const CHUNK = '9\r\ndata: 1\n\n\r\n';
const EVERY_MS = 100;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (bytes) => {
    const until = performance.now() + Number(/^GET \/(\d+) /.exec(bytes.toString('latin1'))![1]);
    socket.write(HEAD);
    const sending = setInterval(() => {
      if (performance.now() >= until) clearInterval(sending);
      else socket.write(CHUNK);
    }, EVERY_MS);
    socket.once('close', () => clearInterval(sending));
    socket.resume();
  });
});

answerOrders({
  listen: () =>
    new Promise((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      );
    }),
});
