/** Many lanes to endpoints of several makes, in one process. */
import { startChild } from '../child.ts';
import type { Case } from '../case.ts';
import { cpuMs, median, pause, round, rssBytes } from '../measure.ts';

const LANES = 500;
const RATE = 5000;
const SECONDS = 10;

export const manyLanes: Case = {
  name: 'many-lanes',
  about: `${LANES} lanes (SSE, WebSocket, polls, with a token) in one process, ${RATE} events a second`,
  async run({ repeat, say }) {
    const runs: Run[] = [];
    for (let i = 0; i < repeat; i++) {
      const one = await oneRun();
      runs.push(one);
      say(
        `${round(one.memory)} KiB a lane, lag p99 ${round(one.lag)} ms, ${round(one.arrived)} % arrived, ${round(one.cpu)} % of a core`,
      );
    }
    const row = (of: (run: Run) => number) => ({ value: round(median(runs.map(of))), runs: runs.map(of) });
    return [
      { what: 'memory', unit: 'KiB/lane', ...row((r) => r.memory) },
      { what: 'event-loop lag, p99', unit: 'ms', goal: 20, ...row((r) => r.lag) },
      { what: 'CPU', unit: '% of a core', ...row((r) => r.cpu) },
      { what: 'events that arrived', unit: '%', goal: 99, atLeast: true, ...row((r) => r.arrived) },
    ];
  },
};

interface Run {
  memory: number;
  lag: number;
  arrived: number;
  cpu: number;
}

async function oneRun(): Promise<Run> {
  const endpoints = startChild('mixed-endpoints.ts');
  const engine = startChild('many-lanes.ts');
  try {
    const { port } = await endpoints.ask<{ port: number }>({ do: 'listen' });
    const before = rssBytes(engine.pid);
    await engine.ask({ do: 'follow', port, lanes: LANES });
    while ((await engine.ask<number>({ do: 'open' })) < LANES) await pause(200);
    await pause(2000);
    const memory = (rssBytes(engine.pid) - before) / LANES / 1024;
    await endpoints.ask({ do: 'pace', rate: RATE });
    await pause(2000);
    const sentBefore = await endpoints.ask<number>({ do: 'sent' });
    await engine.ask({ do: 'begin' });
    const cpuBefore = cpuMs(engine.pid);
    await pause(SECONDS * 1000);
    const cpu = (cpuMs(engine.pid) - cpuBefore) / SECONDS / 10;
    const { received, lagMs } = await engine.ask<{ received: number; lagMs: number }>({ do: 'end' });
    const sent = (await endpoints.ask<number>({ do: 'sent' })) - sentBefore;
    return { memory, lag: lagMs, arrived: (received / sent) * 100, cpu };
  } finally {
    await Promise.all([endpoints.stop(), engine.stop()]);
  }
}
