/** Receives the lines of event-source.ts over several roads at once and notes how long each was under way. */
import { connect } from 'node:net';
import { answerOrders } from '../child.ts';

const late = new Map<string, number[]>();

answerOrders({
  /** Dials `port` and tells the other end the road's name. */
  dial: (o: { name: string; port: number }) =>
    new Promise<void>((resolve, reject) => {
      const times: number[] = [];
      late.set(o.name, times);
      const socket = connect({ port: o.port, host: '127.0.0.1', noDelay: true });
      let rest = '';
      socket.once('error', reject);
      socket.once('connect', () => socket.write(`${o.name}\n`, () => resolve()));
      socket.on('data', (chunk) => {
        const now = process.hrtime.bigint();
        const lines = (rest + chunk.toString('latin1')).split('\n');
        rest = lines.pop()!;
        for (const line of lines) times.push(Number(now - BigInt(line.slice(0, line.indexOf('.')))) / 1000);
      });
    }),
  /** Microseconds, by road; forgets them. */
  take() {
    const taken = Object.fromEntries([...late].map(([name, times]) => [name, [...times]]));
    for (const times of late.values()) times.length = 0;
    return taken;
  },
});
