/** What a relay costs in Node itself: a connection onward for each that comes, and a pipe each way. */
import { connect, createServer, type AddressInfo } from 'node:net';
import { answerOrders } from '../child.ts';
import { collect } from '../collect.ts';

answerOrders({
  enter: (o: { port: number }) =>
    new Promise((resolve) => {
      const server = createServer((down) => {
        const up = connect(o.port, '127.0.0.1');
        down.on('error', () => up.destroy());
        up.on('error', () => down.destroy());
        down.on('close', () => up.destroy());
        up.on('close', () => down.destroy());
        down.pipe(up);
        up.pipe(down);
      });
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      );
    }),
  collect: () => collect(),
});
