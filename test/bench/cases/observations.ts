/** What 10,000 observations a second do to the recording, and to the page that draws them. */
import type { Page } from 'playwright-core';
import { build } from '../build.ts';
import type { Case, Row } from '../case.ts';
import { startChild } from '../child.ts';
import { launchChromium } from '../chromium.ts';
import { cpuMs, round, rssBytes } from '../measure.ts';

const PER_SECOND = 10_000;
const IDLE_MS = 5000;
/** Long enough for the page to have filled all it is willing to keep. */
const FILL_MS = 20_000;
const FLOOD_MS = 30_000;

export const observations: Case = {
  name: 'observations',
  about: `${PER_SECOND} observations a second, recorded and drawn`,
  async run({ say }) {
    build();
    const browser = await launchChromium();
    const host = startChild('flooded-host.ts');
    try {
      const { url } = await host.ask<{ url: string }>({ do: 'listen' });
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(url);
      await page.waitForSelector('[data-testid^="lane-"]');
      const idle = await framesPerSecond(page, IDLE_MS);
      say(`idle ${round(idle)} frames/s`);

      await host.ask({ do: 'flood', perSecond: PER_SECOND, forMs: FILL_MS });
      const heap1 = await heapBytes(page);
      const rss1 = rssBytes(host.pid);
      const cpu1 = cpuMs(host.pid);
      const flooding = host.ask<{ count: number; worstTickMs: number }>({
        do: 'flood',
        perSecond: PER_SECOND,
        forMs: FLOOD_MS,
      });
      const busy = await framesPerSecond(page, FLOOD_MS - 1000);
      const { count, worstTickMs } = await flooding;
      const cpuShare = (cpuMs(host.pid) - cpu1) / FLOOD_MS;
      const heap2 = await heapBytes(page);
      const rss2 = rssBytes(host.pid);
      say(`under ${Math.round((count * 1000) / FLOOD_MS)} observations/s ${round(busy)} frames/s`);

      const recorded = await host.ask<{ lines: number; noted: number; dense: boolean }>({ do: 'closeRecording' });
      const complete = recorded.dense ? (100 * recorded.lines) / recorded.noted : 0;
      const mib = (bytes: number): number => round(bytes / 1024 / 1024);
      const rows: Row[] = [
        { what: 'recorded', value: complete, unit: '%', goal: 100, atLeast: true },
        { what: 'frame rate, idle', value: round(idle), unit: 'frames/s' },
        { what: 'frame rate, flooded', value: round(busy), unit: 'frames/s' },
        { what: 'flooded / idle', value: round((100 * busy) / idle), unit: '%', goal: 90, atLeast: true },
        { what: 'page heap, filled', value: mib(heap1), unit: 'MiB' },
        { what: `page heap, ${FLOOD_MS / 1000} s later`, value: mib(heap2), unit: 'MiB' },
        { what: 'page heap growth', value: round(heap2 / heap1), unit: '×', goal: 1.25 },
        { what: 'host memory growth', value: round(rss2 / rss1), unit: '×', goal: 1.25 },
        { what: 'host CPU', value: round(cpuShare * 100), unit: '% of a core' },
        { what: 'host busy at once', value: round(worstTickMs), unit: 'ms' },
      ];
      return rows;
    } finally {
      await Promise.all([browser.close(), host.stop()]);
    }
  },
};

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
async function heapBytes(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}
