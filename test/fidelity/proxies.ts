/** The real proxies, each run from a configuration of ours in a temporary directory, with short limits. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, program } from '../helpers/rigs.ts';

export interface Proxy {
  /** Where each of its paths listens, by the name of the preset. */
  ports: Map<string, number>;
  stop(): Promise<void>;
}

interface Recipe {
  /** Its program, and the package that brings it. */
  program: string;
  package: string;
  /** One run for each configuration. */
  runs: { template: string; values?: Record<string, string>; rename?: string }[];
  command(run: { file: string; dir: string; ports: Map<string, number> }): string[];
  version: string[];
}

const RIGS = fileURLToPath(new URL('../rigs/fidelity/', import.meta.url));
const root = process.getuid?.() === 0;

const squid = (rename: string, extra: string, template = 'squid.conf'): Recipe['runs'][number] => ({
  template,
  rename,
  values: { EXTRA: extra },
});

export const RECIPES: Record<string, Recipe> = {
  nginx: {
    program: 'nginx',
    package: 'nginx',
    runs: [{ template: 'nginx.conf', values: { USER: root ? 'user root;' : '' } }],
    command: ({ file, dir }) => ['-p', `${dir}/`, '-c', file, '-e', join(dir, 'error.log')],
    version: ['-v'],
  },
  haproxy: {
    program: 'haproxy',
    package: 'haproxy',
    runs: [{ template: 'haproxy.cfg' }],
    command: ({ file }) => ['-db', '-q', '-f', file],
    version: ['-v'],
  },
  apache: {
    program: 'apache2',
    package: 'apache2',
    runs: [
      {
        template: 'apache.conf',
        values: { MODULES: '/usr/lib/apache2/modules', USER: root ? 'User www-data\nGroup www-data' : '' },
      },
    ],
    command: ({ file }) => ['-f', file, '-DFOREGROUND'],
    version: ['-v'],
  },
  varnish: {
    program: 'varnishd',
    package: 'varnish',
    runs: [{ template: 'varnish.vcl' }],
    command: ({ file, dir, ports }) => [
      ...['-F', '-n', join(dir, 'work'), '-f', file, '-s', 'malloc,16m', '-p', 'pipe_timeout=@LIMIT@'],
      ...['-p', 'timeout_idle=@LIMIT@'],
      ...['varnish', 'varnish-pass', 'varnish-pipe', 'varnish-gzip'].flatMap((name) => [
        '-a',
        `${name.split('-')[1] ?? 'default'}=127.0.0.1:${ports.get(name)}`,
      ]),
    ],
    version: ['-V'],
  },
  squid: {
    program: 'squid',
    package: 'squid',
    runs: [
      squid('squid', 'read_timeout @LIMIT@ seconds'),
      squid('squid-upgrade', 'read_timeout @LIMIT@ seconds\nhttp_upgrade_request_protocols websocket allow everyone'),
      squid('squid-collapsed', 'read_timeout @LIMIT@ seconds\ncollapsed_forwarding on'),
      squid('squid-connect', 'read_timeout @LIMIT@ seconds', 'squid-forward.conf'),
      squid(
        'squid-client-lifetime',
        'client_lifetime @LIMIT@ seconds\nhttp_upgrade_request_protocols websocket allow everyone',
      ),
    ],
    command: ({ file, dir }) => ['-N', '-n', `h${dir.replace(/\W/g, '').slice(-10)}`, '-f', file],
    version: ['-v'],
  },
  caddy: {
    program: 'caddy',
    package: 'caddy',
    runs: [{ template: 'Caddyfile' }, { template: 'Caddyfile-write-timeout' }],
    command: ({ file }) => ['run', '--config', file, '--adapter', 'caddyfile'],
    version: ['version'],
  },
};

/** Why it cannot be measured here; null when it can. */
export function missing(name: string): string | null {
  const recipe = RECIPES[name]!;
  return program(recipe.program) ? null : `no ${recipe.program} (apt-get install ${recipe.package})`;
}

export function versionOf(name: string): string {
  const { program: file, version } = RECIPES[name]!;
  const { stdout, stderr } = spawnSync(program(file)!, version, { encoding: 'utf8' });
  return /\d+\.\d+\.\d+|\d+\.\d+/.exec(stdout + stderr)?.[0] ?? 'unknown';
}

export async function startProxy(name: string, target: number, limitS: number): Promise<Proxy> {
  const recipe = RECIPES[name]!;
  const ports = new Map<string, number>();
  const children: { child: ChildProcess; dir: string }[] = [];
  const endWithUs = (): void => children.forEach(({ child }) => void child.kill());
  process.once('exit', endWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', endWithUs);
    await Promise.all(children.map(({ child }) => end(child)));
    for (const { dir } of children) rmSync(dir, { recursive: true, force: true });
  };
  try {
    for (const { template, values = {}, rename } of recipe.runs) {
      const dir = mkdtempSync(join(tmpdir(), 'heartline-fidelity-'));
      chmodSync(dir, 0o777);
      mkdirSync(join(dir, 'data'));
      const own = new Map<string, number>();
      const names = template === 'varnish.vcl' ? ['varnish', 'varnish-pass', 'varnish-pipe', 'varnish-gzip'] : [];
      const text = readFileSync(join(RIGS, template), 'utf8');
      for (const m of text.matchAll(/@port:([a-z0-9.-]+)@/g)) names.push(m[1]!);
      for (const name of new Set(names)) own.set(name, await freePort());
      const fill = (s: string): string =>
        s
          .replace(/@([A-Z]+)@/g, (whole, key: string) => values[key] ?? whole)
          .replace(/@port:([a-z0-9.-]+)@/g, (_, key: string) => String(own.get(key)))
          .replaceAll('@DIR@', dir)
          .replaceAll('@TARGET@', String(target))
          .replaceAll('@LIMIT@', String(limitS));
      const file = join(dir, 'rig.conf');
      writeFileSync(file, fill(text));
      const args = recipe.command({ file, dir, ports: own }).map(fill);
      const child = spawn(program(recipe.program)!, args, {
        cwd: dir,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
      });
      let output = '';
      child.stdout.on('data', (b: Buffer) => (output = (output + b.toString()).slice(-4000)));
      child.stderr.on('data', (b: Buffer) => (output = (output + b.toString()).slice(-4000)));
      children.push({ child, dir });
      for (const [key, port] of own) {
        ports.set(rename ?? key, port);
        if (!(await listens(port, child))) throw new Error(`${name} did not start: ${output}`);
      }
    }
    return { ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listens(port: number, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
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
