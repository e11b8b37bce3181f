/** How many requests a second a path passes on, reading bytes or reading HTTP, beside HAProxy; and what a stream costs it. */
import type { Case } from '../case.ts';
import { startChild, type Child } from '../child.ts';
import { median, pause, round, rssBytes } from '../measure.ts';
import { missing, startHaproxyTcp } from '../../helpers/rigs.ts';

const CLIENTS = 50;
const STREAMS = 2000;
const PATHS = [
  { name: 'heartline, bytes', via: [], goal: 0.4, memory: 40 },
  { name: 'heartline, HTTP', via: ['http-proxy'], goal: 0.2, memory: 80 },
];

export const pathRequests: Case = {
  name: 'path-requests',
  about: `requests a second of ${CLIENTS} clients through a path with no faults, and memory per open stream`,
  async run({ repeat, say }) {
    const origin = startChild('http-source.ts');
    const load = startChild('requesters.ts');
    const paths = PATHS.map(() => startChild('our-path.ts'));
    const reason = missing.haproxy();
    if (reason) say(`without HAProxy: ${reason}`);
    const { port } = await origin.ask<{ port: number }>({ do: 'listen' });
    const haproxy = reason ? null : await startHaproxyTcp(port, 'http');
    const rates: Record<string, number[]> = {};
    const costs: Record<string, number[]> = {};
    try {
      const roads: [string, number][] = haproxy ? [['haproxy', haproxy.port]] : [];
      for (const [i, { name, via }] of PATHS.entries()) roads.push([name, await entrance(paths[i]!, port, via)]);
      for (let i = 0; i < repeat; i++) {
        for (const [name, at] of roads) {
          const { rate } = await load.ask<{ rate: number }>({ do: 'run', port: at, clients: CLIENTS, ms: 3000 });
          (rates[name] ??= []).push(rate);
          say(`${name} ${round(rate)} requests/s`);
        }
        for (const { name, via } of PATHS) {
          const bytes = await bytesPerStream(load, port, via);
          (costs[name] ??= []).push(bytes / 1024);
          say(`${name} ${round(bytes / 1024)} KiB/stream`);
        }
      }
    } finally {
      await Promise.all([origin.stop(), load.stop(), haproxy?.stop(), ...paths.map((p) => p.stop())]);
    }
    return [
      ...Object.entries(rates).map(([name, runs]) => ({ what: name, value: round(median(runs)), unit: '1/s', runs })),
      ...PATHS.flatMap(({ name, goal, memory }) => {
        const ratios = rates['haproxy'] ? rates[name]!.map((r, i) => r / rates['haproxy']![i]!) : [];
        const ratio = {
          what: `${name} / haproxy`,
          value: round(median(ratios)),
          unit: '×',
          goal,
          atLeast: true,
          runs: ratios,
        };
        const cost = {
          what: name,
          value: round(median(costs[name]!)),
          unit: 'KiB/stream',
          goal: memory,
          runs: costs[name]!,
        };
        return ratios.length > 0 ? [ratio, cost] : [cost];
      }),
    ];
  },
};

async function entrance(path: Child, port: number, via: string[]): Promise<number> {
  return (await path.ask<{ port: number }>({ do: 'enter', port, via })).port;
}

/** A fresh path each time: what a heap once grew to, it keeps. */
async function bytesPerStream(load: Child, port: number, via: string[]): Promise<number> {
  const path = startChild('our-path.ts');
  try {
    const at = await entrance(path, port, via);
    await load.ask({ do: 'hold', port: at, count: 100 }); // what the first ones load stays loaded
    await pause(1000);
    const before = rssBytes(path.pid);
    await load.ask({ do: 'hold', port: at, count: STREAMS });
    await pause(2000);
    const bytes = (rssBytes(path.pid) - before) / STREAMS;
    await load.ask({ do: 'release' });
    return bytes;
  } finally {
    await path.stop();
  }
}
