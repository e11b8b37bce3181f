/** Clients on kept connections, each asking again as soon as it has its answer. */
import { connect } from 'node:net';
import { answerOrders } from '../child.ts';

const POLL = 'GET /poll HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: application/json\r\n\r\n';

answerOrders({
  async run(o: { port: number; clients: number; ms: number }) {
    let answers = 0;
    const sockets = Array.from({ length: o.clients }, () => {
      const socket = connect({ port: o.port, host: '127.0.0.1', noDelay: true });
      let text = '';
      socket.once('connect', () => socket.write(POLL));
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (!text.endsWith('{"events":0}')) return;
        text = '';
        answers++;
        socket.write(POLL);
      });
      return socket;
    });
    await new Promise((r) => setTimeout(r, 500));
    const [before, began] = [answers, performance.now()];
    await new Promise((r) => setTimeout(r, o.ms));
    const rate = ((answers - before) * 1000) / (performance.now() - began);
    for (const socket of sockets) socket.destroy();
    return { rate, answers };
  },
});
