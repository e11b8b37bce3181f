/** Real servers nobody here wrote, each on a free loopback port, with its files in a temporary directory. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Rig {
  url: string;
  port: number;
  /** The process that was started; workers, where it has any, are its children. */
  pid: number;
  /** Ends it, waits until it is gone, and removes its files. */
  stop(): Promise<void>;
}

const RIGS = fileURLToPath(new URL('../rigs/', import.meta.url));
const MODULE_DIRS = [
  '/usr/lib/nginx/modules',
  '/usr/lib64/nginx/modules',
  '/usr/share/nginx/modules',
  '/etc/nginx/modules',
];

/** Where a program is, or null. Service binaries often live outside a user's PATH. */
export function program(name: string): string | null {
  const dirs = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  for (const dir of dirs.filter(Boolean)) {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return join(dir, name);
    } catch {
      // not here
    }
  }
  return null;
}

const nchanModule = (): string | null =>
  MODULE_DIRS.map((dir) => join(dir, 'ngx_nchan_module.so')).find((file) => existsSync(file)) ?? null;

/** The first Python that can import aiohttp; the one first in PATH need not be the system's. */
function aiohttpPython(): string | null {
  const candidates = ['/usr/bin/python3', program('python3')].filter((p): p is string => p !== null && existsSync(p));
  return candidates.find((p) => spawnSync(p, ['-c', 'import aiohttp']).status === 0) ?? null;
}

/** Why a rig cannot be started here; null when it can. */
export const missing = {
  nchan: () =>
    program('nginx') && nchanModule() ? null : 'no nginx with nchan (apt-get install nginx libnginx-mod-nchan)',
  aiohttp: () => (aiohttpPython() ? null : 'no Python with aiohttp (apt-get install python3-aiohttp)'),
  betterSse: () => {
    try {
      createRequire(import.meta.url).resolve('better-sse');
      return null;
    } catch {
      return 'no better-sse (npm ci)';
    }
  },
  haproxy: () => (program('haproxy') ? null : 'no haproxy (apt-get install haproxy)'),
  nginx: () => (program('nginx') ? null : 'no nginx (apt-get install nginx)'),
};

export interface NchanRig extends Rig {
  /** The same server, where a channel keeps three messages only. */
  smallUrl: string;
}

/** @param o.bufferLength messages kept per channel @param o.workers nginx worker processes */
export async function startNchan(o: { bufferLength?: number; workers?: number } = {}): Promise<NchanRig> {
  need(missing.nchan());
  const smallPort = await freePort();
  const rig = await startNginx('nchan', '/ready', {
    MODULE: nchanModule()!,
    SMALL_PORT: smallPort,
    BUFFER: o.bufferLength ?? 500,
    WORKERS: o.workers ?? 2,
  });
  return { ...rig, smallUrl: `http://127.0.0.1:${smallPort}` };
}

/** HAProxy before a port; in `mode tcp` it only passes bytes on. */
export async function startHaproxyTcp(targetPort: number, mode: 'tcp' | 'http' = 'tcp'): Promise<Rig> {
  need(missing.haproxy());
  const dir = tempDir('haproxy');
  const port = await freePort();
  const config = fill('haproxy/tcp.cfg', dir, { PORT: port, TARGET: targetPort, MODE: mode });
  return started('haproxy', program('haproxy')!, ['-db', '-f', config], dir, port);
}

/** @param o.keep events kept per channel */
export async function startAiohttp(o: { keep?: number } = {}): Promise<Rig> {
  const python = aiohttpPython();
  need(python ? null : missing.aiohttp());
  const args = [join(RIGS, 'aiohttp/server.py'), '0', String(o.keep ?? 20)];
  return started('aiohttp', python!, args, tempDir('aiohttp'), null);
}

/** @param o.keep events kept per channel */
export async function startBetterSse(o: { keep?: number } = {}): Promise<Rig> {
  need(missing.betterSse());
  const args = [join(RIGS, 'better-sse/server.mjs'), '0', String(o.keep ?? 20)];
  return started('better-sse', process.execPath, args, tempDir('better-sse'), null);
}

/**
 * A port that was free a moment ago, for programs that cannot choose and tell one themselves. It is not among those the
 * system gives out by itself (from 32768 on at the lowest), or it could be somebody's before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

async function startNginx(name: string, ready: string, values: Record<string, string | number>): Promise<Rig> {
  const dir = tempDir(name);
  const port = await freePort();
  // Started as root, nginx would give its workers to "nobody", who may not enter a temporary directory of root's.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const config = fill(`${name}/nginx.conf`, dir, { ...values, PORT: port, USER: user });
  const args = ['-p', `${dir}/`, '-c', config, '-e', join(dir, 'error.log')];
  return started(name, program('nginx')!, args, dir, port, ready);
}

/** Runs a program until it listens: at `port` when we chose it, else at the one its first line of output tells. */
async function started(
  name: string,
  file: string,
  args: string[],
  dir: string,
  port: number | null,
  ready?: string,
): Promise<Rig> {
  const child = spawn(file, args, { cwd: dir, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-64 * 1024)));
  }
  child.on('error', (error) => (output += error.message));
  const endWithUs = (): void => void child.kill();
  process.once('exit', endWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', endWithUs);
    await end(child);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const at = await listening(child, port, ready ?? null, () => output);
    return { port: at, url: `http://127.0.0.1:${at}`, pid: child.pid!, stop };
  } catch (error) {
    await stop();
    throw new Error(`${name} did not start: ${(error as Error).message}\n${output}`, { cause: error });
  }
}

async function listening(child: ChildProcess, port: number | null, ready: string | null, output: () => string) {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const at = port ?? Number(/\{"port": ?(\d+)\}/.exec(output())?.[1] ?? 0);
    if (at > 0 && (ready ? await answers(`http://127.0.0.1:${at}${ready}`) : await accepts(at))) return at;
    await new Promise((r) => setTimeout(r, 20));
  }
  throw new Error('it did not listen within 60 s');
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { headers: { connection: 'close' } }).then(
    (res) => res.ok,
    () => false,
  );

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => resolve((socket.destroy(), true)))
      .once('error', () => resolve(false));
  });

/** Asks politely, and after two seconds no longer. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(hard);
}

function fill(template: string, dir: string, values: Record<string, string | number>): string {
  const text = readFileSync(join(RIGS, template), 'utf8').replace(/@([A-Z_]+)@/g, (whole, key: string) =>
    key === 'DIR' ? dir : String(values[key] ?? whole),
  );
  const file = join(dir, 'rig.conf');
  writeFileSync(file, text);
  return file;
}

const tempDir = (name: string): string => mkdtempSync(join(tmpdir(), `heartline-${name}-`));

function need(reason: string | null): void {
  if (reason) throw new Error(reason);
}
