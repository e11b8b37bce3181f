/** From `npm start`, with the build made, to the first event a person sees. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { buildOrExit, ROOT } from '../../../scripts/build.mjs';
import type { Case } from '../case.ts';
import { launchChromium } from '../chromium.ts';
import { median, round } from '../measure.ts';

export const firstEvent: Case = {
  name: 'first-event',
  about: 'npm start to the first event on screen, after the build',
  async run({ repeat, say }) {
    await buildOrExit(say);
    // Chromium runs already, as a person's browser does: starting it is not ours to measure
    const browser = await launchChromium();
    const urls: number[] = [];
    const events: number[] = [];
    try {
      for (let i = 0; i < repeat; i++) {
        const { url, event } = await startOnce(browser);
        say(`address after ${Math.round(url)} ms, first event after ${Math.round(event)} ms`);
        urls.push(url);
        events.push(event);
      }
    } finally {
      await browser.close();
    }
    return [
      { what: 'address printed', value: round(median(urls)), unit: 'ms', runs: urls },
      { what: 'first event on screen', value: round(median(events)), unit: 'ms', goal: 3000, runs: events },
    ];
  },
};

async function startOnce(browser: Browser): Promise<{ url: number; event: number }> {
  const begin = performance.now();
  // a group of its own: npm starts a shell, the shell starts the app
  const app = spawn('npm', ['start', '--', '--browser', '--no-open'], { cwd: ROOT, detached: true });
  const page = await browser.newPage();
  try {
    const address = await addressOf(app);
    const url = performance.now() - begin;
    await page.goto(address);
    await page.waitForFunction(
      () => [...document.querySelectorAll('[data-testid="received"]')].some((lane) => /^[1-9]/.test(lane.textContent)),
      undefined,
      { polling: 'raf', timeout: 20_000 },
    );
    return { url, event: performance.now() - begin };
  } finally {
    await page.close();
    process.kill(-app.pid!, 'SIGTERM');
    await once(app);
  }
}

function addressOf(app: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => reject(new Error(`no address within 30 s: ${output}`)), 30_000);
    for (const stream of [app.stdout!, app.stderr!]) {
      stream.on('data', (text: Buffer) => {
        output += text.toString();
        const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(output)?.[0];
        if (!url) return;
        clearTimeout(late);
        resolve(url);
      });
    }
    app.once('exit', (code) => reject(new Error(`npm start ended with ${code}: ${output}`)));
  });
}

const once = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));
