/** What 10,000 observations a second do to the recording, and to the page that draws them. */
import type { CDPSession, Page } from 'playwright-core';
import { buildOrExit } from '../../../scripts/build.mjs';
import type { Case, Row } from '../case.ts';
import { startChild, type Child } from '../child.ts';
import { launchChromium } from '../chromium.ts';
import { cpuMs, median, round, rssBytes } from '../measure.ts';

const PER_SECOND = 10_000;
/** Long enough for page and host to have filled all they are willing to keep. */
const FILL_MS = 50_000;
const IDLE_MS = 5000;
const FLOOD_MS = 15_000;

export const observations: Case = {
  name: 'observations',
  about: `${PER_SECOND} observations a second, recorded and drawn`,
  async run({ repeat, say }) {
    await buildOrExit(say);
    const browser = await launchChromium();
    const host = startChild('flooded-host.ts');
    try {
      const { url } = await host.ask<{ url: string }>({ do: 'listen' });
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(url);
      await page.waitForSelector('[data-testid^="lane-"]');
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Performance.enable', { timeDomain: 'threadTicks' }); // CPU time: what others take does not count
      const empty = await framesPerSecond(page, IDLE_MS);
      await flood(host, FILL_MS);
      const before = { heap: await heapBytes(devtools), rss: rssBytes(host.pid) };

      const rounds: Round[] = [];
      for (let i = 0; i < repeat; i++) {
        rounds.push(await oneRound(page, devtools, host));
        const { idle, busy, observed } = rounds.at(-1)!;
        say(`idle ${round(idle)} frames/s, under ${Math.round(observed)} observations/s ${round(busy)}`);
      }
      const after = { heap: await heapBytes(devtools), rss: rssBytes(host.pid) };
      const recorded = await host.ask<{ lines: number; noted: number; dense: boolean }>({ do: 'closeRecording' });

      const mib = (bytes: number): number => round(bytes / 1024 / 1024);
      const all = (pick: (r: Round) => number): Pick<Row, 'value' | 'runs'> => ({
        value: round(median(rounds.map(pick))),
        runs: rounds.map(pick),
      });
      return [
        {
          what: 'recorded',
          value: recorded.dense ? (100 * recorded.lines) / recorded.noted : 0,
          unit: '%',
          goal: 100,
          atLeast: true,
        },
        { what: 'frame rate, nothing drawn yet', value: round(empty), unit: 'frames/s' },
        { what: 'frame rate, idle', ...all((r) => r.idle), unit: 'frames/s' },
        { what: 'frame rate, flooded', ...all((r) => r.busy), unit: 'frames/s' },
        { what: 'flooded / idle', ...all((r) => (100 * r.busy) / r.idle), unit: '%', goal: 90, atLeast: true },
        { what: 'page, main thread CPU', ...all((r) => r.mainThread * 100), unit: '%' },
        { what: 'page heap, filled', value: mib(before.heap), unit: 'MiB' },
        { what: `page heap, ${repeat * (FLOOD_MS / 1000)} s of flood later`, value: mib(after.heap), unit: 'MiB' },
        { what: 'page heap growth', value: round(after.heap / before.heap), unit: '×', goal: 1.25 },
        { what: 'host memory', value: mib(after.rss), unit: 'MiB' },
        { what: 'host memory growth', value: round(after.rss / before.rss), unit: '×' },
        { what: 'host CPU', ...all((r) => r.hostCpu * 100), unit: '% of a core' },
      ];
    } finally {
      await Promise.all([browser.close(), host.stop()]);
    }
  },
};

interface Round {
  idle: number;
  busy: number;
  observed: number;
  /** Shares of one core. */
  mainThread: number;
  hostCpu: number;
}

/** Idle and flooded one after the other, so that a busy moment of the machine meets both. */
async function oneRound(page: Page, devtools: CDPSession, host: Child): Promise<Round> {
  const idle = await framesPerSecond(page, IDLE_MS);
  const flooding = flood(host, FLOOD_MS);
  const cpu = cpuMs(host.pid);
  const task = await taskSeconds(devtools);
  const busy = await framesPerSecond(page, FLOOD_MS - 1000);
  const mainThread = ((await taskSeconds(devtools)) - task) / (FLOOD_MS / 1000 - 1);
  const hostCpu = (cpuMs(host.pid) - cpu) / (FLOOD_MS - 1000);
  const { count } = await flooding;
  return { idle, busy, observed: (count * 1000) / FLOOD_MS, mainThread, hostCpu };
}

const flood = (host: Child, forMs: number): Promise<{ count: number }> =>
  host.ask({ do: 'flood', perSecond: PER_SECOND, forMs });

const framesPerSecond = (page: Page, forMs: number): Promise<number> =>
  page.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        const begin = performance.now();
        let frames = 0;
        const frame = (): void => {
          const took = performance.now() - begin;
          if (took >= ms) resolve((frames * 1000) / took);
          else requestAnimationFrame(frame);
          frames++;
        };
        requestAnimationFrame(frame);
      }),
    forMs,
  );

/** What the page holds, garbage aside. */
async function heapBytes(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize;
}

async function taskSeconds(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find((m) => m.name === 'TaskDuration')!.value;
}
