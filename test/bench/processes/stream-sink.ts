/** Many clients of event streams in one process. The MARK stands once in every event and nowhere else on the wire. */
import { connect, type Socket } from 'node:net';
import { answerOrders } from '../child.ts';

const ASK = 'HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: text/event-stream\r\n\r\n';
const MARK = 0x40; // "@"
let sockets: Socket[] = [];
let events = 0;
let ended = 0;

function open(road: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    sockets.push(socket);
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`GET /${road} ${ASK}`));
    socket.once('data', () => resolve());
    socket.on('data', (bytes) => {
      for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) events++;
    });
    socket.on('close', () => ended++);
  });
}

answerOrders({
  /** Opens streams, and tells the origin which road they came on: one word. */
  async hold(o: { road: string; port: number; count: number }) {
    for (let i = 0; i < o.count; i += 100) {
      await Promise.all(Array.from({ length: Math.min(100, o.count - i) }, () => open(o.road, o.port)));
    }
  },
  /** How many events have come, and how many streams have ended, since the last time it was asked. */
  take() {
    const taken = { events, ended, at: performance.now() };
    events = 0;
    ended = 0;
    return taken;
  },
  async release() {
    const leaving = sockets;
    sockets = [];
    const gone = leaving.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of leaving) socket.destroy();
    await Promise.all(gone);
    ended = 0;
  },
});
