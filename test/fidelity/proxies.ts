/** The real proxies, each run from its recipe in a temporary directory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../helpers/rigs.ts';
import { RECIPES, RIGS, type Run } from './recipes.ts';

export interface Proxy {
  /** Where each of its paths listens, by the name of the preset. */
  ports: Map<string, number>;
  stop(): Promise<void>;
}

/** Where a program may write what it wants. */
const DIRS = ['data', 'etc', 'cache', 'log', 'run'];

/** Why it cannot be measured here; null when it can. */
export function missing(name: string): string | null {
  const recipe = RECIPES[name]!;
  return recipe.find() ? null : recipe.install;
}

export async function startProxy(name: string, target: number, limitS: number): Promise<Proxy> {
  const { runs, find } = RECIPES[name]!;
  const file = find()!;
  const ports = new Map<string, number>();
  const children: { child: ChildProcess; dir: string }[] = [];
  const endWithUs = (): void => {
    for (const { child, dir } of children) {
      child.kill();
      rmSync(dir, { recursive: true, force: true });
    }
  };
  process.once('exit', endWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', endWithUs);
    await Promise.all(children.map(({ child }) => end(child)));
    for (const { dir } of children) rmSync(dir, { recursive: true, force: true });
  };
  try {
    const started = await Promise.allSettled(runs.map((run) => start(name, file, run, { target, limitS, children })));
    for (const one of started) {
      if (one.status === 'rejected') throw one.reason;
      for (const [key, port] of one.value) ports.set(key, port);
    }
    return { ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  name: string,
  program: string,
  run: Run,
  o: { target: number; limitS: number; children: { child: ChildProcess; dir: string }[] },
): Promise<Map<string, number>> {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-fidelity-'));
  for (const sub of ['', ...DIRS]) {
    if (sub) mkdirSync(join(dir, sub));
    chmodSync(join(dir, sub), 0o777); // programs started by root may go on as somebody else
  }
  const ports = new Map<string, number>();
  const templates = { 'rig.conf': run.template, ...run.files };
  const read = (template: string): string => readFileSync(join(RIGS, template), 'utf8');
  const named = Object.values(templates).flatMap((t) => [...read(t).matchAll(/@port:([a-z0-9.-]+)@/g)]);
  for (const key of new Set([...(run.ports ?? []), ...named.map((m) => m[1]!)])) ports.set(key, await freePort());
  const fill = (text: string): string =>
    text
      .replace(/@([A-Z]+)@/g, (whole, key: string) => run.values?.[key] ?? whole)
      .replace(/@port:([a-z0-9.-]+)@/g, (_, key: string) => String(ports.get(key)))
      .replaceAll('@DIR@', dir)
      .replaceAll('@TARGET@', String(o.target))
      .replaceAll('@LIMIT@', String(o.limitS));
  for (const [to, template] of Object.entries(templates)) writeFileSync(join(dir, to), fill(read(template)));
  const child = spawn(program, run.command({ file: join(dir, 'rig.conf'), dir, ports }).map(fill), {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
  });
  o.children.push({ child, dir });
  let output = '';
  child.on('error', (error) => (output += error.message));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (b: Buffer) => (output = (output + b.toString()).slice(-4000)));
  }
  for (const port of ports.values()) {
    if (!(await listens(port, child))) throw new Error(`${name} did not start: ${output}`);
  }
  return new Map([...ports].map(([key, port]) => [run.rename ?? key, port]));
}

async function listens(port: number, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline && child.pid && child.exitCode === null && child.signalCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
        .once('connect', () => resolve((socket.destroy(), true)))
        .once('error', () => resolve(false));
    });
    if (open) return true;
    await new Promise((r) => setTimeout(r, 50));
  }
  return false;
}

/** Asks politely, and after three seconds no longer. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(hard);
}
