/** Server CPU per delivered event with 1,000 subscribers on one channel. */
import { startChild, type Child } from '../child.ts';
import { cpuMs, median, pause, round } from '../measure.ts';
import { missing, startNchan, type Rig } from '../../helpers/rigs.ts';
import type { Case, Row } from '../case.ts';

const SUBSCRIBERS = 1000;
const EVENTS = 200;
const EVERY_MS = 25;
const SIZE = 100;

interface Contender {
  name: string;
  port: number;
  pid: number;
  publish: string;
  paths: { sse?: string; websocket?: string };
}

export const fanOut: Case = {
  name: 'fan-out',
  about: `server CPU per delivered event, ${SUBSCRIBERS} subscribers, ${SIZE} B`,
  async run({ repeat, say }) {
    const ours = startChild('our-server.ts');
    const bare = startChild('bare-server.ts');
    const reason = missing.nchan();
    if (reason) say(`without nchan: ${reason}`);
    const nchan = reason ? null : await startNchan({ bufferLength: 500, workers: 1 });
    try {
      return await compare(await contenders(ours, bare, nchan), repeat, say);
    } finally {
      await Promise.all([ours.stop(), bare.stop(), nchan?.stop()]);
    }
  },
};

async function contenders(ours: Child, bare: Child, nchan: Rig | null): Promise<Contender[]> {
  const oursAt = await ours.ask<{ port: number }>({ do: 'listen' });
  const bareAt = await bare.ask<{ port: number }>({ do: 'listen' });
  const list: Contender[] = [
    {
      name: 'heartline',
      port: oursAt.port,
      pid: ours.pid,
      publish: `http://127.0.0.1:${oursAt.port}/events/bench`,
      paths: { sse: '/events/bench', websocket: '/events/bench' },
    },
    {
      name: 'bare node res.write',
      port: bareAt.port,
      pid: bare.pid,
      publish: `http://127.0.0.1:${bareAt.port}/`,
      paths: { sse: '/' },
    },
  ];
  if (nchan) {
    list.push({
      name: 'nchan',
      port: nchan.port,
      pid: nchan.pid,
      publish: `${nchan.url}/pub/bench`,
      paths: { sse: '/bench/sse/bench', websocket: '/bench/ws/bench' },
    });
  }
  return list;
}

async function compare(list: Contender[], repeat: number, say: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const method of ['sse', 'websocket'] as const) {
    const contenders = list.filter((c) => c.paths[method] !== undefined);
    const costs = new Map<string, number[]>(contenders.map((c) => [c.name, []]));
    // repetitions take turns, so that a busy moment of the machine meets all
    for (let i = 0; i < repeat; i++) {
      for (const contender of contenders) {
        const cost = await costOf(contender, method);
        costs.get(contender.name)!.push(cost);
        say(`${method} ${contender.name} ${round(cost)} µs`);
      }
    }
    const of = (name: string): number => median(costs.get(name) ?? []);
    for (const c of contenders) {
      rows.push({ what: `${method}: ${c.name}`, value: round(of(c.name)), unit: 'µs/event', runs: costs.get(c.name)! });
    }
    const ratios = costs.get('heartline')!.map((cost, i) => cost / (costs.get('nchan')?.[i] ?? NaN));
    const goal = method === 'sse' ? 1.5 : 2;
    rows.push({ what: `${method}: heartline / nchan`, value: round(median(ratios)), unit: '×', goal, runs: ratios });
  }
  return rows;
}

/** Microseconds of server CPU per event delivered to one subscriber. */
async function costOf(contender: Contender, method: 'sse' | 'websocket'): Promise<number> {
  const load = startChild('subscribers.ts');
  try {
    const path = contender.paths[method]!;
    await load.ask({ do: 'subscribe', port: contender.port, path, method, count: SUBSCRIBERS });
    const publish = { do: 'publish', url: contender.publish, everyMs: EVERY_MS, size: SIZE };
    await load.ask({ ...publish, count: 40 }); // warm
    await pause(200);
    const before = cpuMs(contender.pid);
    const got = await load.ask<{ delivered: number; want: number; ended: number }>({ ...publish, count: EVENTS });
    const used = cpuMs(contender.pid) - before;
    if (got.delivered !== got.want) throw new Error(`${contender.name}: ${JSON.stringify(got)}`);
    await load.ask({ do: 'leave' });
    return (used * 1000) / got.delivered;
  } finally {
    await load.stop();
  }
}
