/** Answers polls with a small body. Reads no more of a request than it must. */
import { createServer, type AddressInfo } from 'node:net';
import { answerOrders } from '../child.ts';

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"events":0}',
);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(ANSWER));
});

answerOrders({
  listen: () =>
    new Promise((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      );
    }),
});
