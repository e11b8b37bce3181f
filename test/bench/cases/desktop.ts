/** The desktop app on a real Electron: how soon it is there, and what it costs while nobody looks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findElectron } from '../../../scripts/find-electron.mjs';
import { buildOrExit } from '../../../scripts/build.mjs';
import { startTheApp, type TheApp } from '../../helpers/electron-app.ts';
import { onDesk, type Desk } from '../../helpers/desk.ts';
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
        {
          what: 'start to first event on screen, driver included',
          value: round(median(events)),
          unit: 'ms',
          runs: events,
        },
        { what: 'memory of all processes', value: round(mib), unit: 'MiB' },
        { what: 'CPU idle, four lanes, window shown', value: round(shown), unit: '% of a core' },
        { what: 'CPU idle, four lanes, window hidden', value: round(hidden), unit: '% of a core', goal: 1 },
      ];
    } finally {
      desk.close();
    }
  },
};

/** The window: from the start of the process to the line it prints when it is shown. The event: on screen, driver attached. */
async function startOnce(desk: Desk): Promise<{ windowMs: number; eventMs: number }> {
  const windowMs = await windowAfter(desk);
  const began = performance.now();
  const app = await startTheApp({ desk });
  try {
    const page = await app.electron.firstWindow();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-testid="received"]')].some((lane) => /^[1-9]/.test(lane.textContent)),
    );
    return { windowMs, eventMs: performance.now() - began };
  } finally {
    await app.remove();
  }
}

async function windowAfter(desk: Desk): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-start-'));
  const { command, args, env } = onDesk(desk, { env: { HEARTLINE_DATA_DIR: dir } });
  const began = performance.now();
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  try {
    for await (const text of child.stdout) {
      if (String(text).includes('Heartline is open.')) return performance.now() - began;
    }
    throw new Error('the app ended without a window');
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
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
