/** Which preset is held against which real path, with the limits that are shortened on both sides. */
export interface Variant {
  preset: string;
  /** A recipe’s name. */
  proxy: string;
  /** The preset with its limits shortened, as typed after --via. */
  via: string;
  /** Milliseconds by which its timers may differ beyond what the machine costs: its own spread. */
  spread?: number;
  /** Where several timers add up: by the start of the observable. */
  spreads?: Record<string, number>;
  /** Whether the idle limit of client connections is shortened as well. */
  keepAlive?: boolean;
  /** How the real one is asked where it is no reverse proxy. */
  as?: 'forward' | 'tunnel';
  /** Whose port of the program it shares. */
  at?: string;
}

/** Coarse clocks that fire early or late by so much that a limit has to be longer to be told from none. */
const LIMITS: Record<string, number> = { squid: 4, lighttpd: 4 };

/** The idle limit in force, in seconds. */
export const limitOf = (proxy: string): number => LIMITS[proxy] ?? 2;

/** Milliseconds by which two runs of the real program may differ in this. */
export function spreadOf(variant: Variant, observable: string): number {
  const own = Object.entries(variant.spreads ?? {}).find(([start]) => observable.startsWith(start));
  return own?.[1] ?? variant.spread ?? 0;
}

const idle = (preset: string, proxy: string, more = '', spread = 0): Variant => ({
  preset,
  proxy,
  via: `${preset}:idle-timeout=${limitOf(proxy)}s,keep-alive=${limitOf(proxy)}s${more}`,
  spread,
  keepAlive: true,
});

export const VARIANTS: readonly Variant[] = [
  idle('nginx-default', 'nginx'),
  idle('nginx-1.30-default', 'nginx'),
  idle('nginx-tuned', 'nginx'),
  idle('nginx-gzip', 'nginx'),
  idle('nginx-cache-lock', 'nginx'),
  idle('nginx-two-upstreams', 'nginx'),
  idle('haproxy', 'haproxy'),
  idle('haproxy-no-delay', 'haproxy'),
  idle('haproxy-gzip', 'haproxy'),
  idle('haproxy-client-timeout', 'haproxy'),
  { preset: 'haproxy-tcp', proxy: 'haproxy', via: `haproxy-tcp:idle-timeout=2s` },
  idle('apache', 'apache'),
  idle('apache-upgrade', 'apache', `,idle-timeout.websocket=2s`),
  { preset: 'caddy', proxy: 'caddy', via: 'caddy:keep-alive=2s', keepAlive: true },
  idle('caddy-read-timeout', 'caddy'),
  {
    preset: 'go-write-timeout',
    proxy: 'caddy',
    via: `go-write-timeout:write-timeout=2s,keep-alive=2s`,
    keepAlive: true,
  },
  // A stream is ended up to 5 % late.
  idle('varnish', 'varnish', '', 100),
  idle('varnish-pass', 'varnish', '', 100),
  idle('varnish-pipe', 'varnish', '', 100),
  idle('varnish-gzip', 'varnish', '', 100),
  idle('squid', 'squid', '', 2100),
  idle('squid-upgrade', 'squid', '', 2100),
  idle('squid-collapsed', 'squid', '', 2100),
  {
    preset: 'squid-client-lifetime',
    proxy: 'squid',
    via: `squid-client-lifetime:http-lifetime=4s,keep-alive=4s`,
    spread: 2100,
    keepAlive: true,
  },
  { preset: 'squid-connect', proxy: 'squid', via: 'squid-connect:idle-timeout=4s', spread: 2100, as: 'tunnel' },
  // Its own clock ticks once a second: it closes what is idle up to 1.8 s late, and gives up 1 to 2.8 s late.
  { preset: 'lighttpd', proxy: 'lighttpd', via: 'lighttpd:keep-alive=5s', keepAlive: true, spread: 1000 },
  idle('lighttpd-read-timeout', 'lighttpd', '', 1800),
  idle('lighttpd-stream', 'lighttpd', '', 1800),
  idle('mitmproxy', 'mitmproxy'),
  idle('mitmproxy-stream', 'mitmproxy'),
  // It asks four times, each time up to a second late.
  { ...idle('traffic-server', 'traffic-server', '', 950), spreads: { 'held poll: after': 1900 } },
  { preset: 'tinyproxy', proxy: 'tinyproxy', via: 'tinyproxy:idle-timeout=2s', as: 'forward' },
  {
    preset: 'tinyproxy-connect',
    proxy: 'tinyproxy',
    via: 'tinyproxy-connect:idle-timeout=2s',
    as: 'tunnel',
    at: 'tinyproxy',
  },
  { preset: 'node-http-proxy', proxy: 'http-proxy', via: 'node-http-proxy' },
  { preset: 'node-http-proxy-timeout', proxy: 'http-proxy', via: 'node-http-proxy-timeout:idle-timeout=2s' },
  { preset: 'node-compression', proxy: 'http-proxy', via: 'node-compression' },
];
