/** How many events a second a path passes on over many streams at once, beside a relay of a few lines of Node. */
import type { Case, Row } from '../case.ts';
import { startChild, type Child } from '../child.ts';
import { cpuMs, median, pause, round, sum } from '../measure.ts';

const STREAMS = 500;
/** The shorter a turn, the more alike is the machine that each road meets. */
const TURN_MS = 300;
const TURNS = 12;
/** Turns before that, which do not count. */
const WARMING = 5;
const PACE_EVERY_MS = 25;
const DELIVERED_WITHIN_MS = 20_000;
const ROADS = [
  { road: 'bare', name: 'bare relay', script: 'bare-relay.ts', via: [] },
  { road: 'bytes', name: 'heartline, bytes', script: 'our-path.ts', via: [] },
  { road: 'http', name: 'heartline, HTTP', script: 'our-path.ts', via: ['http-proxy'] },
];
const [BARE, ...OURS] = ROADS as [Road, ...Road[]];

type Road = (typeof ROADS)[number];

/** One turn: `flood` as fast as the machine allows, `pace` at a rate that all can keep. */
interface Turn {
  events: number;
  /** Until the last one had come. */
  ms: number;
  /** Of the relay alone. */
  cpuMs: number;
}

type Turns = Record<'flood' | 'pace', Turn[]>;

export const pathStreams: Case = {
  name: 'path-streams',
  about: `events a second over ${STREAMS} streams through a path with no faults, beside net.connect and pipe`,
  async run({ repeat, say }) {
    const turns = new Map(ROADS.map((road): [Road, Turns] => [road, { flood: [], pace: [] }]));
    // Processes of their own each time: how the three settle in beside each other differs from start to start.
    for (let i = 0; i < repeat; i++) {
      await oneSet(turns);
      for (const [{ name }, { flood, pace }] of turns) {
        const [rate, perCpu] = [median(rates(flood.slice(-TURNS))), eventsPerCpuSecond(pace.slice(-TURNS))];
        say(`${name} ${round(rate)} events/s, ${round(perCpu)} per second of its CPU`);
      }
    }
    return rowsOf(turns);
  },
};

async function oneSet(turns: Map<Road, Turns>): Promise<void> {
  const source = startChild('stream-source.ts');
  const sink = startChild('stream-sink.ts');
  const relays = ROADS.map(({ script }) => startChild(script));
  try {
    const { port } = await source.ask<{ port: number }>({ do: 'listen' });
    for (const [i, { road, via }] of ROADS.entries()) {
      const entrance = await relays[i]!.ask<{ port: number }>({ do: 'enter', port, via });
      await sink.ask({ do: 'hold', road, port: entrance.port, count: STREAMS });
    }
    await pause(500);
    for (let i = -WARMING; i < TURNS; i++) {
      for (const at of ROADS.keys()) {
        const nth = (at + i + WARMING) % ROADS.length; // each is first as often as the others
        const road = ROADS[nth]!;
        for (const kind of ['flood', 'pace'] as const) {
          const turn = await carry(road, relays[nth]!, source, sink, kind);
          if (i >= 0) turns.get(road)![kind].push(turn);
        }
      }
    }
  } finally {
    await Promise.all([source, sink, ...relays].map((each) => each.stop()));
  }
}

async function carry(
  { road, name }: Road,
  relay: Child,
  source: Child,
  sink: Child,
  kind: 'flood' | 'pace',
): Promise<Turn> {
  await sink.ask({ do: 'take' });
  const [began, before] = [performance.now(), cpuMs(relay.pid)];
  const order = { do: kind, road, ms: TURN_MS, everyMs: PACE_EVERY_MS };
  const { written } = await source.ask<{ written: number }>(order);
  let events = 0;
  while (events < written) {
    const taken = await sink.ask<{ events: number; ended: number }>({ do: 'take' });
    events += taken.events;
    if (taken.ended > 0) throw new Error(`${name} ended ${taken.ended} streams`);
    if (performance.now() - began > DELIVERED_WITHIN_MS) throw new Error(`${name} carried ${events} of ${written}`);
    if (events < written) await pause(2);
  }
  if (events > written) throw new Error(`${name} made ${events} events of ${written}`);
  return { events, ms: performance.now() - began, cpuMs: cpuMs(relay.pid) - before };
}

const rates = (turns: Turn[]): number[] => turns.map(({ events, ms }) => (events * 1000) / ms);

/** Over all turns, as a tick of the CPU's clock is long beside one. */
const eventsPerCpuSecond = (turns: Turn[]): number =>
  (sum(turns.map((t) => t.events)) * 1000) / sum(turns.map((t) => t.cpuMs));

function rowsOf(turns: Map<Road, Turns>): Row[] {
  const flood = (road: Road): number[] => rates(turns.get(road)!.flood);
  const paced = (road: Road): number => eventsPerCpuSecond(turns.get(road)!.pace);
  return [
    ...ROADS.map((road) => ({
      what: `events: ${road.name}`,
      value: round(median(flood(road))),
      unit: '1/s',
      runs: flood(road),
    })),
    ...OURS.map((road) => ({
      what: `events: ${road.name} / ${BARE.name}`,
      value: round(median(flood(road)) / median(flood(BARE))),
      unit: '×',
      goal: 0.9,
      atLeast: true,
      runs: flood(road).map((rate, i) => rate / flood(BARE)[i]!),
    })),
    ...ROADS.map((road) => ({
      what: `events per CPU second: ${road.name}`,
      value: round(paced(road)),
      unit: '1/s',
    })),
    ...OURS.map((road) => ({
      what: `events per CPU second: ${road.name} / ${BARE.name}`,
      value: round(paced(road) / paced(BARE)),
      unit: '×',
    })),
  ];
}
