/** Memory an open stream costs the path. */
import type { Case } from '../case.ts';
import { startChild, type Child } from '../child.ts';
import { median, pause, round, rssBytes } from '../measure.ts';

const STREAMS = 2000;
const EVENTS_EACH = 10;
const EVERY_MS = 200;
const CONTENDERS = [
  { name: 'heartline, bytes', script: 'our-path.ts', via: [], goal: 40 },
  { name: 'heartline, HTTP', script: 'our-path.ts', via: ['http-proxy'], goal: 80 },
  { name: 'bare relay', script: 'bare-relay.ts', via: [] },
];

export const pathMemory: Case = {
  name: 'path-memory',
  about: `memory a path with no faults keeps for each of ${STREAMS} streams that carried ${EVENTS_EACH} events`,
  async run({ repeat, say }) {
    const source = startChild('stream-source.ts');
    const sink = startChild('stream-sink.ts');
    const sizes = CONTENDERS.map((): Sizes[] => []);
    try {
      const { port } = await source.ask<{ port: number }>({ do: 'listen' });
      for (let i = 0; i < repeat; i++) {
        for (const [at, { name, script, via }] of CONTENDERS.entries()) {
          const kib = await perStream(script, via, port, source, sink);
          sizes[at]!.push(kib);
          say(`${name} ${round(kib.resident)} KiB, ${round(kib.used)} KiB after a collection`);
        }
      }
    } finally {
      await Promise.all([source.stop(), sink.stop()]);
    }
    return CONTENDERS.flatMap(({ name, goal }, at) =>
      (['resident', 'used'] as const).map((key) => {
        const runs = sizes[at]!.map((size) => size[key]);
        return {
          what: key === 'used' ? `${name}, after a collection` : name,
          value: round(median(runs)),
          unit: 'KiB/stream',
          ...(goal !== undefined && { goal }),
          runs,
        };
      }),
    );
  },
};

/** KiB a stream: as it is, and once garbage has been collected. */
interface Sizes {
  resident: number;
  used: number;
}

/** A fresh path each time: what a heap once grew to, it keeps. */
async function perStream(script: string, via: string[], port: number, source: Child, sink: Child): Promise<Sizes> {
  const path = startChild(script, ['--expose-gc']);
  try {
    const entrance = await path.ask<{ port: number }>({ do: 'enter', port, via });
    await path.ask({ do: 'collect' });
    const none = rssBytes(path.pid);
    const each = (): number => (rssBytes(path.pid) - none) / STREAMS / 1024;
    await sink.ask({ do: 'hold', road: 'one', port: entrance.port, count: STREAMS });
    await source.ask({ do: 'pace', road: 'one', ms: EVENTS_EACH * EVERY_MS, everyMs: EVERY_MS });
    await pause(500);
    const resident = each();
    await path.ask({ do: 'collect' });
    const used = each();
    await sink.ask({ do: 'release' });
    return { resident, used };
  } finally {
    await path.stop();
  }
}
