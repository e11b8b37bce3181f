/** Which upstream proxy leads to a target: as it was given, or as the environment says (as curl reads it). */
import { BlockList, isIP } from 'node:net';

export interface ProxyRoute {
  kind: 'http' | 'socks5' | 'socks5h';
  host: string;
  port: number;
  user: string | null;
  password: string | null;
  /** Where it was given: `HTTPS_PROXY`; null: for this target itself. */
  from: string | null;
}

export interface ProxiedTarget {
  secure: boolean;
  host: string;
  port: number;
}

/** @returns null: no proxy leads there */
export type ProxyChoice = (target: ProxiedTarget) => ProxyRoute | null;

type Environment = Readonly<Record<string, string | undefined>>;

/** @param setting a URL, `none`, `env`, or `system`, which without a desktop is the environment */
export function proxyChoice(setting: string | undefined, env: Environment): ProxyChoice {
  if (setting === 'none') return () => null;
  if (setting === undefined || setting === 'env' || setting === 'system') return (target) => byEnvironment(target, env);
  const route = parseProxy(setting, null);
  return () => route;
}

function byEnvironment({ secure, host, port }: ProxiedTarget, env: Environment): ProxyRoute | null {
  const names = secure ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const name = [...names, 'all_proxy', 'ALL_PROXY'].find((one) => (env[one] ?? '') !== '');
  if (name === undefined || bypasses(env['no_proxy'] || env['NO_PROXY'] || '', host, port)) return null;
  const text = env[name]!;
  return parseProxy(text.includes('://') ? text : `http://${text}`, name);
}

/** @returns null where it is no proxy that could be used */
function parseProxy(text: string, from: string | null): ProxyRoute | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const kind = url?.protocol.slice(0, -1);
  if (!url || (kind !== 'http' && kind !== 'socks5' && kind !== 'socks5h')) return null;
  const decoded = (part: string): string | null => (part === '' ? null : decodeURIComponent(part));
  return {
    kind,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (kind === 'http' ? 80 : 1080),
    user: decoded(url.username),
    password: decoded(url.password),
    from,
  };
}

/** Whether NO_PROXY names this host: `*`, a domain and what lies below it, an address, a network, each perhaps with a port. */
function bypasses(list: string, host: string, port: number): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return list
    .split(/[\s,]+/)
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => {
      if (entry === '') return false;
      if (entry === '*') return true;
      if (entry.includes('/')) return inNetwork(entry, bare);
      const [, name = entry, only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && Number(only) !== port) return false;
      const domain = name.replace(/^\[(.*)\]$/, '$1').replace(/^\*?\./, '');
      return bare === domain || (isIP(bare) === 0 && bare.endsWith(`.${domain}`));
    });
}

function inNetwork(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(host);
  if (family === 0 || isIP(network) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return block.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
