/** The desktop app on a real Electron, as a test starts it, looks into it and sees it end. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { deskHere, onDesk, type Desk } from './desk.ts';

export interface TheApp {
  desk: Desk;
  dir: string;
  electron: ElectronApplication;
  /** Process ids of the app and of every helper of it that lives. */
  processes(): number[];
  /** What it has written to stderr but for Chromium's and the inspector's own lines. */
  said(): string;
  /** Its page, once an SSE lane is open. */
  live(): Promise<Page>;
  /** Resolves when it has ended, with how. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends what still runs, and takes its data folder away. */
  remove(): Promise<void>;
}

/** What Chromium, its libraries and the inspector write of themselves. */
const NOT_OURS =
  /^(\[\d+:|Debugger |For help, see: https:\/\/nodejs\.org|DevTools listening|Waiting for the debugger|\(electron:\d+\)|\s*$|.*Gtk-|.*dconf-|.*libGL)/;

/** @param options `dir` is made, and made the desk's user's, unless it is given */
export async function startTheApp(
  options: { entry?: string; args?: string[]; env?: Record<string, string>; dir?: string; desk?: Desk } = {},
): Promise<TheApp> {
  const desk = options.desk ?? deskHere();
  if (!desk) throw new Error('There is no desk: npm run desktop makes one.');
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'heartline-desktop-'));
  const { command, args, env } = onDesk(desk, {
    ...(options.entry !== undefined && { entry: options.entry }),
    ...(options.args && { args: options.args }),
    env: { HEARTLINE_DATA_DIR: dir, ...options.env },
  });
  const electron = await _electron.launch({ executablePath: command, args, env });
  const child = electron.process();
  const group = child.pid!;
  let stderr = '';
  child.stderr!.on('data', (text) => (stderr += text));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    desk,
    dir,
    electron,
    ended,
    processes: () => inGroup(group),
    said: () =>
      stderr
        .split('\n')
        .filter((line) => !NOT_OURS.test(line))
        .join('\n'),
    async live() {
      const page = await electron.firstWindow();
      await page.getByTestId('lane-sse').getByTestId('state').filter({ hasText: /open/i }).waitFor({ timeout: 60_000 });
      return page;
    },
    async remove() {
      for (const pid of inGroup(group)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it has just ended
        }
      }
      await ended;
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** The processes of a group that live, as a launcher that is a group's leader has started them. */
function inGroup(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // after the name, which may hold anything: state, parent, group
        const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
        return Number(pgrp) === group && state !== 'Z';
      } catch {
        return false;
      }
    });
}
