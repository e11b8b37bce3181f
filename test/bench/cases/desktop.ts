/** The desktop app on a real Electron: how soon it is there, and what it costs while nobody looks. */
import { readFileSync } from 'node:fs';
import { findElectron } from '../../../scripts/find-electron.mjs';
import { buildOrExit } from '../../../scripts/build.mjs';
import { startTheApp, type TheApp } from '../../helpers/electron-app.ts';
import type { Desk } from '../../helpers/desk.ts';
import { laidOut } from '../../rigs/electron/lay-out.mjs';
import { openDesk } from '../../rigs/electron/desk.mjs';
import type { Case } from '../case.ts';
import { median, round } from '../measure.ts';

const IDLE_MS = 60_000;
/** Kernel ticks a second, of which CPU time is counted in. */
const TICKS = 100;

export const desktop: Case = {
  name: 'desktop',
  about: 'the app on a real Electron: start, memory and CPU of all its processes',
  async run({ repeat, say }) {
    await buildOrExit(say);
    const dir = laidOut();
    const binary = findElectron().path ?? (dir === null ? null : `${dir}/electron`);
    if (binary === null) throw new Error('there is no Electron here: `npm run desktop -- --lay-out` lays one out');
    const desk = await openDesk(binary);
    try {
      const starts: { windowMs: number; eventMs: number }[] = [];
      for (let i = 0; i < repeat; i++) {
        starts.push(await startOnce(desk));
        say(`window after ${round(starts.at(-1)!.windowMs)} ms, first event after ${round(starts.at(-1)!.eventMs)} ms`);
      }
      const { shown, hidden, mib } = await idle(desk);
      const windows = starts.map(({ windowMs }) => windowMs);
      const events = starts.map(({ eventMs }) => eventMs);
      return [
        { what: 'start to window', value: round(median(windows)), unit: 'ms', goal: 1500, runs: windows },
        { what: 'start to first event', value: round(median(events)), unit: 'ms', goal: 3000, runs: events },
        { what: 'memory of all processes', value: round(mib), unit: 'MiB' },
        { what: 'CPU idle, four lanes, window shown', value: round(shown), unit: '% of a core' },
        { what: 'CPU idle, four lanes, window hidden', value: round(hidden), unit: '% of a core', goal: 1 },
      ];
    } finally {
      desk.close();
    }
  },
};

/** From the start of the process. The app waits for its driver before it is ready; that wait is the driver's, and left out. */
async function startOnce(desk: Desk): Promise<{ windowMs: number; eventMs: number }> {
  const app = await startTheApp({ desk });
  try {
    const page = await app.live();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-testid="received"]')].some((lane) => /^[1-9]/.test(lane.textContent)),
    );
    const seen = Date.now();
    const { created, shown } = await app.electron.evaluate(({ app: self, BrowserWindow }) => ({
      created: self.getAppMetrics().find(({ type }) => type === 'Browser')!.creationTime,
      shown: BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(
        'performance.timeOrigin + performance.getEntriesByType("paint")[0].startTime',
      ),
    }));
    return { windowMs: (await shown) - created, eventMs: seen - created };
  } finally {
    await app.remove();
  }
}

async function idle(desk: Desk): Promise<{ shown: number; hidden: number; mib: number }> {
  const app = await startTheApp({ desk });
  try {
    await app.live();
    await pause(10_000);
    const shown = await cpuOver(app, IDLE_MS);
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.hide());
    await pause(5000);
    const hidden = await cpuOver(app, IDLE_MS);
    return { shown, hidden, mib: memoryOf(app) };
  } finally {
    await app.remove();
  }
}

/** Percent of one core that all processes took together. */
async function cpuOver(app: TheApp, ms: number): Promise<number> {
  const before = ticksOf(app);
  const began = performance.now();
  await pause(ms);
  return ((ticksOf(app) - before) / TICKS / ((performance.now() - began) / 1000)) * 100;
}

function ticksOf(app: TheApp): number {
  return sum(app.processes(), (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
}

/** Proportional: what processes share counts once. */
const memoryOf = (app: TheApp): number =>
  sum(app.processes(), (pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
  ) / 1024;

const sum = (pids: number[], of: (pid: number) => number): number => pids.reduce((all, pid) => all + of(pid), 0);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
