/** What a path with no faults adds to an event's way, beside HAProxy passing bytes on. */
import type { Case, Row } from '../case.ts';
import { startChild } from '../child.ts';
import { median, pause, quantile, round } from '../measure.ts';
import { missing, startHaproxyTcp } from '../../helpers/rigs.ts';

const ROUNDS = 1000;
const EVERY_MS = 2;

export const pathLatency: Case = {
  name: 'path-latency',
  about: 'added latency of 100 B events on a path with no faults',
  async run({ repeat, say }) {
    const source = startChild('event-source.ts');
    const sink = startChild('event-sink.ts');
    const path = startChild('our-path.ts');
    const reason = missing.haproxy();
    if (reason) say(`without HAProxy: ${reason}`);
    const { port } = await source.ask<{ port: number }>({ do: 'listen' });
    const haproxy = reason ? null : await startHaproxyTcp(port);
    try {
      const entrance = await path.ask<{ port: number }>({ do: 'enter', port });
      const roads: [string, number][] = [
        ['direct', port],
        ['heartline', entrance.port],
        ...(haproxy ? [['haproxy', haproxy.port] as [string, number]] : []),
      ];
      for (const [name, at] of roads) await sink.ask({ do: 'dial', name, port: at });
      await pause(300);
      const names = roads.map(([name]) => name);
      await source.ask({ do: 'send', names, rounds: 300, everyMs: EVERY_MS });
      await pause(100);
      await sink.ask({ do: 'take' }); // that was the warming up
      const rounds: Record<string, number[]>[] = [];
      for (let i = 0; i < repeat; i++) {
        await source.ask({ do: 'send', names, rounds: ROUNDS, everyMs: EVERY_MS });
        await pause(200);
        const taken = await sink.ask<Record<string, number[]>>({ do: 'take' });
        for (const name of names) {
          if (taken[name]!.length !== ROUNDS) throw new Error(`${name} carried ${taken[name]!.length} of ${ROUNDS}`);
        }
        say(names.map((name) => `${name} p50 ${round(median(taken[name]!))} µs`).join(', '));
        rounds.push(taken);
      }
      return rowsOf(names, rounds);
    } finally {
      await Promise.all([source.stop(), sink.stop(), path.stop(), haproxy?.stop()]);
    }
  },
};

function rowsOf(names: string[], rounds: Record<string, number[]>[]): Row[] {
  const rows: Row[] = [];
  for (const name of names) {
    for (const q of [0.5, 0.99]) {
      const runs = rounds.map((r) => quantile(r[name]!, q));
      rows.push({ what: `${name} p${q * 100}`, value: round(median(runs)), unit: 'µs', runs });
    }
  }
  const added = (name: string): number[] => rounds.map((r) => median(r[name]!) - median(r['direct']!));
  const ours = added('heartline');
  rows.push({ what: 'heartline adds', value: round(median(ours)), unit: 'µs', runs: ours });
  if (!names.includes('haproxy')) return rows;
  const theirs = added('haproxy');
  rows.push({ what: 'haproxy adds', value: round(median(theirs)), unit: 'µs', runs: theirs });
  const ratios = ours.map((us, i) => us / theirs[i]!);
  rows.push({ what: 'heartline / haproxy', value: round(median(ratios)), unit: '×', goal: 3, runs: ratios });
  return rows;
}
