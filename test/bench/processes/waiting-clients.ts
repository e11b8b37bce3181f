/** Clients that wait to be ended for their silence, and note how long after their own last byte that was. */
import { connect } from 'node:net';
import { answerOrders } from '../child.ts';

const TALK_EVERY_MS = 130;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param busyMs how long the origin talks
 * @param talksMs how long the client does, in between
 * @returns milliseconds from the last byte it sent or got to the end it saw
 */
function wait(port: number, busyMs: number, talksMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const began = performance.now();
    let last = began;
    const say = (text: string): void => {
      socket.write(text);
      last = performance.now();
    };
    const sending = setInterval(() => {
      if (performance.now() - began < talksMs) say('.');
      else clearInterval(sending);
    }, TALK_EVERY_MS);
    socket.once('connect', () => say(`GET /${busyMs} HTTP/1.1\r\nHost: bench\r\n\r\n`));
    socket.on('data', () => (last = performance.now()));
    socket.once('end', () => resolve(performance.now() - last));
    socket.once('error', reject);
    socket.once('close', () => clearInterval(sending));
  });
}

answerOrders({
  /** Opens one connection every few milliseconds; every other one is silent from the start, the rest are busy a while. */
  async run(o: { port: number; count: number; everyMs: number; busyMs: number; talks: boolean }) {
    const silent: Promise<number>[] = [];
    const busy: Promise<number>[] = [];
    for (let i = 0; i < o.count; i++) {
      const busyMs = Math.round(o.busyMs * (0.5 + i / o.count));
      if (i % 2 === 0) silent.push(wait(o.port, 0, 0));
      else busy.push(wait(o.port, busyMs, o.talks ? busyMs + 60 : 0));
      await pause(o.everyMs);
    }
    return { silent: await Promise.all(silent), busy: await Promise.all(busy) };
  },
});
