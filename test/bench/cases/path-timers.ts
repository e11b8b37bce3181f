/** How near to its time an idle limit ends a connection, as the client sees it. */
import type { Case, Row } from '../case.ts';
import { startChild, type Child } from '../child.ts';
import { busyMeter, median, quantile, round } from '../measure.ts';

const CONNECTIONS = 200;
const LIMIT_MS = 1500;
const OPEN_EVERY_MS = 8;
const BUSY_MS = 1000;
const GOAL_MS = 20;
/** The goal stands while the machine is at most this busy. */
const HALF = 0.5;
/** A machine that others use: so often is it looked for a quiet moment. */
const TRIES = 3;

/** Bytes either way begin the limit anew; where HTTP is read, a stream's are the origin's. */
const PATHS = [
  { name: 'bytes', via: [`idle-timeout:after=${LIMIT_MS}ms`], talks: true },
  { name: 'HTTP', via: [`http-idle-timeout:after=${LIMIT_MS}ms`], talks: false },
];
const LOADS = [
  { name: 'machine as it is', extra: false },
  { name: 'one core half busy', extra: true },
];

/** Milliseconds from the limit to the end that was seen; and how busy the machine was meanwhile, 0 to 1. */
interface Seen {
  silent: number[];
  busy: number[];
  load: number;
}

export const pathTimers: Case = {
  name: 'path-timers',
  about: `when an idle limit of ${LIMIT_MS} ms ends each of ${CONNECTIONS} connections, after their last byte`,
  async run({ repeat, say }) {
    const source = startChild('talking-source.ts');
    const clients = startChild('waiting-clients.ts');
    const burner = startChild('half-busy.ts');
    const paths = PATHS.map(() => startChild('our-path.ts'));
    const rows: Row[] = [];
    try {
      const { port } = await source.ask<{ port: number }>({ do: 'listen' });
      for (const load of LOADS) {
        for (const [i, { name, via, talks }] of PATHS.entries()) {
          const entrance = await paths[i]!.ask<{ port: number }>({ do: 'enter', port, via });
          const seen: Seen[] = [];
          for (let n = 0; n < repeat; n++) {
            if (load.extra) await burner.ask({ do: 'start' });
            seen.push(await quietRound(clients, { port: entrance.port, talks }));
            await burner.ask({ do: 'stop' });
            const { silent, busy, load: was } = seen.at(-1)!;
            say(`${name}, ${load.name} (${round(was * 100)} %): silent ${words(silent)}, busy ${words(busy)}`);
          }
          rows.push(...rowsOf(`${name}, ${load.name}`, seen));
        }
      }
    } finally {
      await Promise.all([source, clients, burner, ...paths].map((each) => each.stop()));
    }
    return rows;
  },
};

/** One round while the machine was at most half busy; the quietest of some, where there is none. */
async function quietRound(clients: Child, o: { port: number; talks: boolean }): Promise<Seen> {
  let best: Seen | null = null;
  for (let i = 0; i < TRIES && (best === null || best.load > HALF); i++) {
    const busyShare = busyMeter();
    const run = { do: 'run', count: CONNECTIONS, everyMs: OPEN_EVERY_MS, busyMs: BUSY_MS, ...o };
    const { silent, busy } = await clients.ask<{ silent: number[]; busy: number[] }>(run);
    const load = busyShare();
    const late = (times: number[]): number[] => times.map((ms) => ms - LIMIT_MS);
    if (best === null || load < best.load) best = { silent: late(silent), busy: late(busy), load };
  }
  return best!;
}

/** Of the rounds in which the machine was quiet enough; without one, of all, and then there is no verdict. */
function rowsOf(what: string, all: Seen[]): Row[] {
  const quiet = all.filter((s) => s.load <= HALF);
  const seen = quiet.length > 0 ? quiet : all;
  const verdict = quiet.length > 0 ? `${quiet.length} quiet of ${all.length} rounds` : 'too busy to judge';
  const load = round(median(seen.map((s) => s.load)) * 100);
  const rows: Row[] = [{ what: `${what}: all processors busy (${verdict})`, value: load, unit: '%' }];
  for (const key of ['silent', 'busy'] as const) {
    const off = seen.flatMap((s) => s[key]).map(Math.abs);
    const runs = seen.map((s) => quantile(s[key].map(Math.abs), 0.99));
    const row = (name: string, q: number): Row => ({
      what: `${what}: ${key}, off by, ${name}`,
      value: round(quantile(off, q)),
      unit: 'ms',
    });
    rows.push(row('p50', 0.5), { ...row('p99', 0.99), ...(quiet.length > 0 && { goal: GOAL_MS }), runs });
    rows.push(row('most', 1));
  }
  return rows;
}

const words = (late: number[]): string =>
  `${round(quantile(late, 0))} to ${round(quantile(late, 1))} ms, p50 ${round(median(late))}`;
