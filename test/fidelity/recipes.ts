/** How each real program is run: from a configuration of ours, in a directory of its own, with short limits. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '../helpers/rigs.ts';

export const RIGS = fileURLToPath(new URL('../rigs/fidelity/', import.meta.url));

/** One process. In its files `@port:NAME@`, `@DIR@`, `@TARGET@` and `@LIMIT@` (seconds) are filled in. */
export interface Run {
  /** Its configuration. */
  template: string;
  /** Other files it wants, by their place in its directory. */
  files?: Record<string, string>;
  values?: Record<string, string>;
  /** The preset its only port is for, where the template names it otherwise. */
  rename?: string;
  /** Presets whose ports the template does not name. */
  ports?: string[];
  command(run: { file: string; dir: string; ports: Map<string, number> }): string[];
}

export interface Recipe {
  /** The program’s file; null where it is missing. */
  find(): string | null;
  /** What brings it. */
  install: string;
  version(): string;
  runs: Run[];
}

const root = process.getuid?.() === 0;

const onPath = (name: string, pkg: string, version: string[]): Pick<Recipe, 'find' | 'install' | 'version'> => ({
  find: () => program(name),
  install: `no ${name} (apt-get install ${pkg})`,
  version() {
    const { stdout, stderr } = spawnSync(program(name)!, version, { encoding: 'utf8' });
    return /\d+\.\d+\.\d+|\d+\.\d+/.exec(stdout + stderr)?.[0] ?? 'unknown';
  },
});

/** The version of a package npm brought; null where it did not. */
function npmVersion(name: string): string | null {
  try {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
}

const squid = (rename: string, extra: string, template = 'squid.conf'): Run => ({
  template,
  rename,
  values: { EXTRA: extra },
  command: ({ file, dir }) => ['-N', '-n', `h${dir.replace(/\W/g, '').slice(-10)}`, '-f', file],
});

const caddy = (template: string): Run => ({
  template,
  command: ({ file }) => ['run', '--config', file, '--adapter', 'caddyfile'],
});

const mitmproxy = (preset: string, ...more: string[]): Run => ({
  template: 'mitmproxy-limit.py',
  // Scripts are told apart by what their files are called.
  files: { 'limit.py': 'mitmproxy-limit.py' },
  ports: [preset],
  command: ({ dir, ports }) => [
    ...['-q', '--set', `confdir=${join(dir, 'data')}`, '-s', join(dir, 'limit.py'), ...more],
    ...['--mode', 'reverse:http://127.0.0.1:@TARGET@', '--listen-host', '127.0.0.1', '-p', `${ports.get(preset)}`],
  ],
});

const VARNISH = ['varnish', 'varnish-pass', 'varnish-pipe', 'varnish-gzip'];
const NODE = ['node-http-proxy', 'node-http-proxy-timeout', 'node-compression'];
const ATS = ['records.config', 'remap.config', 'storage.config', 'ip_allow.yaml'];

export const RECIPES: Record<string, Recipe> = {
  nginx: {
    ...onPath('nginx', 'nginx', ['-v']),
    runs: [
      {
        template: 'nginx.conf',
        values: { USER: root ? 'user root;' : '' },
        command: ({ file, dir }) => ['-p', `${dir}/`, '-c', file, '-e', join(dir, 'error.log')],
      },
    ],
  },
  haproxy: {
    ...onPath('haproxy', 'haproxy', ['-v']),
    runs: [{ template: 'haproxy.cfg', command: ({ file }) => ['-db', '-q', '-f', file] }],
  },
  apache: {
    ...onPath('apache2', 'apache2', ['-v']),
    runs: [
      {
        template: 'apache.conf',
        values: { MODULES: '/usr/lib/apache2/modules', USER: root ? 'User www-data\nGroup www-data' : '' },
        command: ({ file }) => ['-f', file, '-DFOREGROUND'],
      },
    ],
  },
  varnish: {
    ...onPath('varnishd', 'varnish', ['-V']),
    runs: [
      {
        template: 'varnish.vcl',
        ports: VARNISH,
        command: ({ file, dir, ports }) => [
          ...['-F', '-n', join(dir, 'work'), '-f', file, '-s', 'malloc,16m', '-p', 'pipe_timeout=@LIMIT@'],
          ...['-p', 'timeout_idle=@LIMIT@'],
          ...VARNISH.flatMap((name) => ['-a', `${name.split('-')[1] ?? 'default'}=127.0.0.1:${ports.get(name)}`]),
        ],
      },
    ],
  },
  squid: {
    ...onPath('squid', 'squid', ['-v']),
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
  },
  caddy: {
    ...onPath('caddy', 'caddy', ['version']),
    runs: [caddy('Caddyfile'), caddy('Caddyfile-write-timeout')],
  },
  lighttpd: {
    ...onPath('lighttpd', 'lighttpd', ['-v']),
    runs: [{ template: 'lighttpd.conf', command: ({ file }) => ['-D', '-f', file] }],
  },
  mitmproxy: {
    ...onPath('mitmdump', 'mitmproxy', ['--version']),
    runs: [mitmproxy('mitmproxy'), mitmproxy('mitmproxy-stream', '--set', 'stream_large_bodies=1')],
  },
  'traffic-server': {
    ...onPath('traffic_server', 'trafficserver', ['-V']),
    runs: [
      {
        template: 'trafficserver/runroot.yaml',
        files: Object.fromEntries(ATS.map((name) => [`etc/${name}`, `trafficserver/${name}`])),
        command: ({ file }) => [`--run-root=${file}`],
      },
    ],
  },
  tinyproxy: {
    ...onPath('tinyproxy', 'tinyproxy', ['-v']),
    runs: [{ template: 'tinyproxy.conf', command: ({ file }) => ['-d', '-c', file] }],
  },
  'http-proxy': {
    find: () => (npmVersion('http-proxy') && npmVersion('compression') ? process.execPath : null),
    install: 'no http-proxy or no compression (npm ci)',
    version: () => npmVersion('http-proxy') ?? 'unknown',
    runs: [
      {
        template: 'node-http-proxy.mjs',
        ports: NODE,
        // Run where it lies, or Node would not find the packages.
        command: ({ ports }) => [
          join(RIGS, 'node-http-proxy.mjs'),
          ...['@TARGET@', '@LIMIT@'],
          ...NODE.map((name) => String(ports.get(name))),
        ],
      },
    ],
  },
};
