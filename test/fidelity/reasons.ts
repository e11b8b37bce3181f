const POOL =
  'It sends a request without a body again where a kept connection breaks under it, and keeps those of other clients too; here each client has its own.';
const POOLED = [
  'caddy',
  'caddy-read-timeout',
  'go-write-timeout',
  'varnish',
  'varnish-pass',
  'varnish-pipe',
  'varnish-gzip',
];

/** Why a cell does not agree, where it is known: by preset and the start of the observable, or for all presets by `*`. */
export const REASONS: { preset: string; observable: string; reason: string }[] = [
  {
    preset: 'haproxy-tcp',
    observable: 'origin down: after',
    reason: 'HAProxy tries again three times, a second apart; a path of bytes dials once.',
  },
  ...POOLED.flatMap((preset) =>
    ['GET', 'POST without a body'].map((what) => ({
      preset,
      observable: `${what}, reset for an answer: requests`,
      reason: POOL,
    })),
  ),
];

/** What the presets say and nobody waits for, or what the real program was made to do, in whole sentences. */
export const UNHELD: readonly string[] = [
  'Limits as they are shipped: all are shortened on both sides, and that minutes behave as seconds do is taken for granted.',
  'caddy, lighttpd, node-http-proxy, node-compression have no idle limit: silence was watched for 8 s (lighttpd: 13 s) only.',
  'mitmproxy, mitmproxy-stream: the program has no option for its limit, so the rig changes the constant.',
  'nginx-cache-lock, varnish, varnish-pipe, varnish-gzip: for how long a cache keeps an answer.',
  'node-http-proxy, node-http-proxy-timeout, node-compression: the package answers no error itself, a handler of the rig does (504 when the origin broke, else 502), and that Node keeps the connection for 5 s after it is not waited for.',
  'What a reload does: asked by hand of nginx, HAProxy, Apache, Caddy and Squid, as one would disturb the other questions.',
  'traffic-server: its 10 min for WebSocket; no handshake gets that far.',
];
