/** Sends 100-byte lines, each with the monotonic time at which it was written, to whichever connection is asked for. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { answerOrders } from '../child.ts';

/** By the name the connection gave in its first line. */
const sockets = new Map<string, Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (name) => sockets.set(name.toString().trim(), socket));
});

answerOrders({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port }));
    }),
  /** One event to each in turn, `everyMs` apart, `rounds` times. */
  async send(o: { names: string[]; rounds: number; everyMs: number }) {
    for (let i = 0; i < o.rounds * o.names.length; i++) {
      const socket = sockets.get(o.names[i % o.names.length]!)!;
      socket.write(`${process.hrtime.bigint()}`.padEnd(99, '.') + '\n');
      await new Promise((resolve) => setTimeout(resolve, o.everyMs));
    }
  },
});
