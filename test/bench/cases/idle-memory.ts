/** Memory an idle SSE connection keeps resident in the server. */
import { startChild } from '../child.ts';
import type { Case } from '../case.ts';
import { median, pause, round, rssBytes } from '../measure.ts';

const CONNECTIONS = 2000;
const CONTENDERS = [
  { name: 'heartline', script: 'our-server.ts', path: '/events/bench' },
  { name: 'bare node:http', script: 'bare-server.ts', path: '/' },
];

export const idleMemory: Case = {
  name: 'idle-memory',
  about: `server memory per idle SSE connection, ${CONNECTIONS} connections`,
  async run({ repeat, say }) {
    const sizes = CONTENDERS.map((): number[] => []);
    for (let i = 0; i < repeat; i++) {
      for (const [at, contender] of CONTENDERS.entries()) {
        const bytes = await bytesPerConnection(contender.script, contender.path);
        sizes[at]!.push(bytes / 1024);
        say(`${contender.name} ${round(bytes / 1024)} KiB`);
      }
    }
    const ratios = sizes[0]!.map((size, i) => size / sizes[1]![i]!);
    return [
      ...CONTENDERS.map(({ name }, at) => ({
        what: name,
        value: round(median(sizes[at]!)),
        unit: 'KiB/connection',
        runs: sizes[at]!,
      })),
      { what: 'heartline / bare', value: round(median(ratios)), unit: '×', goal: 1.15, runs: ratios },
    ];
  },
};

/** A fresh server each time: what a heap once grew to, it keeps. */
async function bytesPerConnection(script: string, path: string): Promise<number> {
  const server = startChild(script);
  const load = startChild('subscribers.ts');
  try {
    const { port } = await server.ask<{ port: number }>({ do: 'listen' });
    const subscribe = { do: 'subscribe', port, path, method: 'sse' };
    await load.ask({ ...subscribe, count: 100 }); // what the first ones load stays loaded
    await pause(1000);
    const before = rssBytes(server.pid);
    await load.ask({ ...subscribe, count: CONNECTIONS });
    await pause(3000);
    return (rssBytes(server.pid) - before) / CONNECTIONS;
  } finally {
    await Promise.all([server.stop(), load.stop()]);
  }
}
