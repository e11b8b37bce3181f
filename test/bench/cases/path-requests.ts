/** How many requests a second a path passes on, reading bytes or reading HTTP, beside HAProxy doing the same. */
import type { Case, Row } from '../case.ts';
import { startChild } from '../child.ts';
import { cpuMs, median, round } from '../measure.ts';
import { missing, startHaproxyTcp } from '../../helpers/rigs.ts';

const CLIENTS = 50;
const RUN_MS = 3000;
const PATHS = [
  { name: 'heartline, bytes', via: [], beside: 'haproxy, bytes', mode: 'tcp', goal: 0.4 },
  { name: 'heartline, HTTP', via: ['http-proxy'], beside: 'haproxy, HTTP', mode: 'http', goal: 0.2 },
] as const;

/** Requests a second: with all the machine gives, and for each second of the path's own CPU. */
interface Rates {
  rate: number;
  cpu: number;
}

export const pathRequests: Case = {
  name: 'path-requests',
  about: `requests a second of ${CLIENTS} clients through a path with no faults`,
  async run({ repeat, say }) {
    const origin = startChild('http-source.ts');
    const load = startChild('requesters.ts');
    const paths = PATHS.map(() => startChild('our-path.ts'));
    const reason = missing.haproxy();
    if (reason) say(`without HAProxy: ${reason}`);
    const { port } = await origin.ask<{ port: number }>({ do: 'listen' });
    const haproxies = reason ? [] : await Promise.all(PATHS.map(({ mode }) => startHaproxyTcp(port, mode)));
    const rates: Record<string, Rates[]> = {};
    try {
      const roads: { name: string; port: number; pid: number }[] = [];
      for (const [i, { name, via, beside }] of PATHS.entries()) {
        const entrance = await paths[i]!.ask<{ port: number }>({ do: 'enter', port, via });
        roads.push({ name, port: entrance.port, pid: paths[i]!.pid });
        if (haproxies[i]) roads.push({ name: beside, port: haproxies[i].port, pid: haproxies[i].pid });
      }
      for (let i = 0; i < repeat; i++) {
        for (const road of roads) {
          const before = cpuMs(road.pid);
          const ran = await load.ask<{ rate: number; answers: number }>({
            do: 'run',
            port: road.port,
            clients: CLIENTS,
            ms: RUN_MS,
          });
          const cpu = (ran.answers * 1000) / (cpuMs(road.pid) - before);
          (rates[road.name] ??= []).push({ rate: ran.rate, cpu });
          say(`${road.name} ${round(ran.rate)} requests/s, ${round(cpu)} per second of its CPU`);
        }
      }
    } finally {
      await Promise.all([origin, load, ...haproxies, ...paths].map((each) => each.stop()));
    }
    return rowsOf(rates);
  },
};

function rowsOf(rates: Record<string, Rates[]>): Row[] {
  const rows: Row[] = [];
  for (const [key, what] of [
    ['rate', 'requests'],
    ['cpu', 'requests per CPU second'],
  ] as const) {
    const runs = (name: string): number[] => rates[name]?.map((r) => r[key]) ?? [];
    for (const name of Object.keys(rates)) {
      rows.push({ what: `${what}: ${name}`, value: round(median(runs(name))), unit: '1/s', runs: runs(name) });
    }
    for (const { name, beside, goal } of PATHS) {
      const ratios = runs(beside).map((theirs, i) => runs(name)[i]! / theirs);
      if (ratios.length === 0) continue;
      const value = round(median(runs(name)) / median(runs(beside)));
      rows.push({ what: `${what}: ${name} / ${beside}`, value, unit: '×', goal, atLeast: true, runs: ratios });
    }
  }
  return rows;
}
