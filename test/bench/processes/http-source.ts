/** Answers polls with a small body, and /stream with a head and one event. Reads no more of a request than it must. */
import { createServer, type AddressInfo } from 'node:net';
import { answerOrders } from '../child.ts';

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"events":0}',
);
const STREAM =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes) => socket.write(bytes.includes(' /stream') ? STREAM : ANSWER));
});

answerOrders({
  listen: () =>
    new Promise((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      );
    }),
});
