import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { _electron, chromium, type Browser, type Page } from 'playwright-core';
import { deskHere, onDesk } from '../helpers/desk.ts';

/** What the specs use of Playwright's ElectronApplication; the double offers the same. */
export interface Desktop {
  evaluate<R, A>(fn: (electron: any, arg: A) => R | Promise<R>, arg?: A): Promise<R>;
  firstWindow(): Promise<Page>;
  close(): Promise<void>;
  exitCode(): Promise<number | null>;
}

export interface LaunchOptions {
  entry?: string;
  args?: string[];
  env?: Record<string, string>;
}

/** One way to run the desktop app: the real Electron, or the double of its module over a real Chromium. */
export interface Driver {
  name: 'electron' | 'double';
  /** Why it cannot be used here, or null. */
  unavailable: string | null;
  launch(options?: LaunchOptions): Promise<Desktop>;
  /** Starts the app and waits for its end: for a second instance. */
  runToEnd(options?: LaunchOptions): Promise<number | null>;
}

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** A second instance that has not ended by then believes to be the first. */
const STUCK_MS = 60_000;
const DOUBLE = ['--import', './test/double/register.ts'];

const desk = deskHere();

/** `npm run desktop` runs the specs on Electron alone; `npm test` on the double, and says of Electron where it runs. */
export const drivers: Driver[] = desk
  ? [{ name: 'electron', unavailable: null, launch: launchElectron, runToEnd: runElectronToEnd }]
  : [
      {
        name: 'electron',
        unavailable: '`npm run desktop` runs this on a real Electron',
        launch: launchElectron,
        runToEnd: runElectronToEnd,
      },
      { name: 'double', unavailable: chromiumUnavailable(), launch: launchDouble, runToEnd: runDoubleToEnd },
    ];

function chromiumUnavailable(): string | null {
  return existsSync(CHROMIUM) ? null : `no Chromium at ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)`;
}

async function launchElectron({ entry = '.', args = [], env = {} }: LaunchOptions = {}): Promise<Desktop> {
  const { command, args: all, env: environment } = onDesk(desk!, { entry, args, env });
  const app = await _electron.launch({ executablePath: command, args: all, env: environment });
  const exit = once(app.process(), 'exit');
  return {
    evaluate: (fn, arg) => app.evaluate(fn as never, arg as never) as never,
    firstWindow: () => app.firstWindow(),
    close: () => app.close(),
    exitCode: async () => (await exit)[0] as number | null,
  };
}

async function runElectronToEnd({ entry = '.', args = [], env = {} }: LaunchOptions = {}): Promise<number | null> {
  const { command, args: all, env: environment } = onDesk(desk!, { entry, args, env });
  const child = spawn(command, all, { stdio: 'inherit', env: environment, timeout: STUCK_MS });
  return (await once(child, 'exit'))[0] as number | null;
}

async function runDoubleToEnd(options: LaunchOptions = {}): Promise<number | null> {
  const { entry = 'out/main/index.js', args = [] } = options;
  const child = spawn(process.execPath, [...DOUBLE, entry, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...environment(options), CHROMIUM },
    timeout: STUCK_MS,
  });
  return (await once(child, 'exit'))[0] as number | null;
}

async function launchDouble(options: LaunchOptions = {}): Promise<Desktop> {
  const { entry = 'out/main/index.js', args = [] } = options;
  const child: ChildProcess = fork(entry, args, {
    execArgv: DOUBLE,
    env: { ...environment(options), CHROMIUM },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const waiting = new Map<number, { resolve(v: any): void; reject(e: Error): void }>();
  let ids = 0;
  let browser: Browser | undefined;
  const endpoint = await new Promise<string>((resolve, reject) => {
    void exit.then(([code]) => {
      const e = new Error(`main process ended (${code})`);
      reject(e);
      for (const w of waiting.values()) w.reject(e);
    });
    child.on('message', (m: any) => {
      if (m.ready) return resolve(m.ready);
      const w = waiting.get(m.id);
      waiting.delete(m.id);
      if (m.ok) w?.resolve(m.value);
      else w?.reject(new Error(m.value));
    });
  });
  return {
    evaluate: (fn, arg) =>
      new Promise((resolve, reject) => {
        waiting.set(++ids, { resolve, reject });
        child.send({ id: ids, fn: String(fn), arg });
      }),
    firstWindow: async () => {
      browser ??= await chromium.connectOverCDP(endpoint);
      const context = browser.contexts()[0]!;
      while (child.exitCode === null) {
        const page = context.pages().find((p) => p.url() !== 'about:blank');
        if (page) return page;
        await new Promise((r) => setTimeout(r, 20));
      }
      throw new Error(`main process ended (${child.exitCode})`);
    },
    close: async () => {
      child.kill('SIGTERM');
      await exit;
      await browser?.close().catch(() => {});
    },
    exitCode: async () => (await exit)[0],
  };
}

function environment({ env = {} }: LaunchOptions): Record<string, string> {
  return { ...(process.env as Record<string, string>), NODE_OPTIONS: '', ...env };
}
