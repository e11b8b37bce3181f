/** An origin of many event streams (chunked SSE), which writes one event a chunk and one chunk a write. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { answerOrders } from '../child.ts';

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n';
/** 100 bytes as an event, with the one MARK that the sink counts. */
const EVENT = `data: @${'x'.repeat(91)}\n\n`;
const CHUNK = Buffer.from(`${EVENT.length.toString(16)}\r\n${EVENT}\r\n`);

/** By the road they came on. */
const roads = new Map<string, Set<Socket>>();
const streamsOf = (road: string): Set<Socket> => roads.get(road) ?? new Set();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (bytes) => {
    const road = /^GET \/(\S*) /.exec(bytes.toString('latin1'))![1]!;
    const streams = streamsOf(road).add(socket);
    roads.set(road, streams);
    socket.write(HEAD);
    socket.on('close', () => streams.delete(socket));
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

answerOrders({
  listen: () =>
    new Promise((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
        resolve({ port: (server.address() as AddressInfo).port }),
      );
    }),
  /** An event to every stream of a road that takes one, again and again. */
  async flood(o: { road: string; ms: number }) {
    const streams = streamsOf(o.road);
    let written = 0;
    for (const until = performance.now() + o.ms; performance.now() < until; await turn()) {
      for (const socket of streams) {
        if (socket.writableNeedDrain) continue;
        socket.write(CHUNK);
        written++;
      }
    }
    return { written };
  },
  /** An event to every stream of a road every so often; a few streams at a time, so that the events do not come all at once. */
  async pace(o: { road: string; ms: number; everyMs: number }) {
    const all = [...streamsOf(o.road)];
    const began = performance.now();
    let written = 0;
    for (let passed = 0; passed < o.ms; await pause(1)) {
      passed = performance.now() - began;
      for (const due = Math.floor((passed / o.everyMs) * all.length); written < due; written++) {
        all[written % all.length]!.write(CHUNK);
      }
    }
    return { written };
  },
});
