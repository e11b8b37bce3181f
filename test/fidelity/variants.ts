/** Which preset is held against which real path, with the limits that are shortened on both sides. */
export interface Variant {
  preset: string;
  proxy: string;
  /** The preset with its limits shortened, as typed after --via. */
  via: string;
  /** Milliseconds by which its timers may differ beyond what the machine costs: its own spread. */
  spread?: number;
  /** Whether the idle limit of client connections is shortened as well. */
  keepAlive?: boolean;
  /** The real proxy is asked for a tunnel by CONNECT. */
  tunnel?: boolean;
}

/** The idle limit in force, in seconds. Squid’s coarse clock fires up to half a second early: it gets more. */
export const limitOf = (proxy: string): number => (proxy === 'squid' ? 4 : 2);

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
  { preset: 'caddy', proxy: 'caddy', via: 'caddy' },
  { preset: 'caddy-read-timeout', proxy: 'caddy', via: `caddy-read-timeout:idle-timeout=2s` },
  { preset: 'go-write-timeout', proxy: 'caddy', via: `go-write-timeout:write-timeout=2s` },
  idle('varnish', 'varnish', ',idle-timeout.late=150ms', 150),
  idle('varnish-pass', 'varnish', ',idle-timeout.late=150ms', 150),
  idle('varnish-pipe', 'varnish', ',idle-timeout.late=150ms', 150),
  idle('varnish-gzip', 'varnish', ',idle-timeout.late=150ms', 150),
  idle('squid', 'squid', '', 2100),
  idle('squid-upgrade', 'squid', '', 2100),
  idle('squid-collapsed', 'squid', '', 2100),
  { preset: 'squid-client-lifetime', proxy: 'squid', via: `squid-client-lifetime:http-lifetime=4s`, spread: 2100 },
  { preset: 'squid-connect', proxy: 'squid', via: 'squid-connect:idle-timeout=4s', spread: 2100, tunnel: true },
];
