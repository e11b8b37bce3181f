import type { PresetFacts } from './preset.ts';

/*
 * What is known of the real thing beside the path that plays it: how its timers are off, what the origin sees, what
 * HTTP/2 and a reload change. Measured facts come from the program itself on Debian 12, one machine. `null` is not known,
 * which is not 0 and not nothing.
 */

const IDLE_CLOSED = 'streams go on, idle client connections are closed';
const RST_STREAM = 'a cut stream ends with RST_STREAM (INTERNAL_ERROR); the connection and its other streams go on';
const END_STREAM =
  'a cut stream ends with END_STREAM, as if it were complete; the connection and its other streams go on';

/** Bytes alone: whatever HTTP is in them passes unread. */
const UNREAD = 'passes unread: what ends the connection ends all its streams';

const NGINX: PresetFacts = {
  timerOffsetMs: [-300, 10],
  originSees: 'FIN',
  http2: RST_STREAM,
  reload: IDLE_CLOSED,
  etag: 'weakened (W/) where gzip is on',
};
const NGINX_HELD: PresetFacts = { ...NGINX, gzipSse: 'held to the end of the stream where gzip is on for it' };
const HAPROXY: PresetFacts = {
  timerOffsetMs: [0, 6],
  originSees: 'RST',
  http2: END_STREAM,
  reload: IDLE_CLOSED,
  etag: 'weakened (W/) where gzip is on',
};
const HAPROXY_BEHIND: PresetFacts = { ...HAPROXY, gzipSse: 'each event comes with the next where gzip is on for it' };
/** Its timer fires within a few milliseconds, and the origin gets FIN. */
const PROMPT: PresetFacts = { timerOffsetMs: [0, 5], originSees: 'FIN', http2: null };
const APACHE: PresetFacts = {
  ...PROMPT,
  http2: RST_STREAM,
  reload: `graceful: ${IDLE_CLOSED}`,
  gzipSse: 'at once where deflate is on',
  etag: 'gets -gzip inside the tag where deflate is on',
};
const CADDY: PresetFacts = {
  ...PROMPT,
  http2: END_STREAM,
  reload: 'event streams go on, WebSockets get close 1001, idle client connections are closed',
  gzipSse: 'not compressed under encode; held to the end of the stream where it is forced',
  etag: 'unchanged under encode',
};
const VARNISH: PresetFacts = {
  timerOffsetMs: [0, 1200],
  originSees: 'FIN',
  http2: END_STREAM,
  reload: 'nothing is dropped by vcl.use',
  gzipSse: 'held to the end of the stream where do_gzip is on',
  etag: 'weakened (W/) where do_gzip is on; a conditional request is answered 304 by Varnish itself',
};
const SQUID: PresetFacts = {
  timerOffsetMs: [-500, 1600],
  originSees: 'FIN',
  http2: null,
  reload: 'reconfigure drops nothing; stop waits for shutdown_lifetime, 30 s',
};
const LIGHTTPD: PresetFacts = { timerOffsetMs: [1300, 2500], originSees: 'FIN', http2: null };

/** As its documents have it: they say neither how its timers are off nor what the origin sees. */
const DOCUMENTED: PresetFacts = { timerOffsetMs: null, originSees: null, http2: null };
/** They say that connections are closed, not whether by FIN or RST. */
const CLOSES: PresetFacts = { ...DOCUMENTED, assumed: ['sse', 'websocket'] };
const CLOSES_STREAMS: PresetFacts = { ...DOCUMENTED, assumed: ['sse'] };
/** Bytes alone, as its documents have it. */
const FORGETS: PresetFacts = { ...DOCUMENTED, http2: UNREAD };
const FROM_MEMORY: PresetFacts = { ...FORGETS, fromMemory: ['limit'] };

/** By the preset's id; what Heartline has invented itself stands for nothing real, and has none. */
export const PRESET_FACTS: Record<string, PresetFacts> = {
  'nginx-default': NGINX_HELD,
  'nginx-1.30-default': NGINX_HELD,
  'nginx-tuned': { ...NGINX, gzipSse: 'at once where gzip is on for it' },
  'nginx-gzip': NGINX_HELD,
  'nginx-cache-lock': NGINX,
  'nginx-two-upstreams': NGINX,
  haproxy: HAPROXY_BEHIND,
  'haproxy-no-delay': HAPROXY,
  'haproxy-gzip': HAPROXY_BEHIND,
  'haproxy-client-timeout': { ...HAPROXY, originSees: 'FIN' },
  'haproxy-tcp': { ...PROMPT, http2: UNREAD },
  apache: APACHE,
  'apache-upgrade': APACHE,
  caddy: CADDY,
  'caddy-read-timeout': CADDY,
  'go-write-timeout': { ...CADDY, originSees: 'nothing until something is written' },
  varnish: VARNISH,
  'varnish-pass': VARNISH,
  'varnish-pipe': VARNISH,
  'varnish-gzip': VARNISH,
  squid: SQUID,
  'squid-upgrade': SQUID,
  'squid-connect': { ...SQUID, http2: UNREAD },
  'squid-client-lifetime': SQUID,
  'squid-collapsed': SQUID,
  mitmproxy: PROMPT,
  'mitmproxy-stream': PROMPT,
  lighttpd: PROMPT,
  'lighttpd-read-timeout': LIGHTTPD,
  'lighttpd-stream': LIGHTTPD,
  'traffic-server': { ...PROMPT, timerOffsetMs: [0, 950] },
  tinyproxy: { ...PROMPT, timerOffsetMs: [0, 200] },
  'tinyproxy-connect': { ...PROMPT, http2: UNREAD },
  'node-http-proxy': PROMPT,
  'node-http-proxy-timeout': PROMPT,
  'node-compression': PROMPT,
  'ingress-nginx': {
    ...DOCUMENTED,
    fromMemory: ['buffering'],
    reload: 'streams and WebSockets go on for 240 s (worker-shutdown-timeout), then they are cut',
  },
  envoy: CLOSES,
  istio: CLOSES,
  traefik: { ...DOCUMENTED, noIdleLimit: true, http2: 'streams were reported cut at 60 s, its readTimeout' },
  'aws-alb': CLOSES,
  'aws-nlb': FORGETS,
  'aws-nat-gateway': { ...FORGETS, fromMemory: ['sse', 'websocket', 'long-polling'] },
  'aws-network-firewall': FORGETS,
  'aws-api-gateway-http': { ...DOCUMENTED, fromMemory: ['long-polling', 'buffering'] },
  'aws-api-gateway-websocket': { ...DOCUMENTED, assumed: ['long-polling', 'sse'], fromMemory: ['websocket'] },
  cloudfront: CLOSES,
  'gcp-https-lb': { ...CLOSES, fromMemory: ['long-polling'] },
  'cloud-run': { ...CLOSES, http2: 'WebSocket does not work with HTTP/2 end to end', fromMemory: ['long-polling'] },
  'gcp-api-gateway': CLOSES,
  'app-engine': { ...DOCUMENTED, fromMemory: ['limit', 'long-polling', 'buffering', 'upgrade'] },
  'azure-app-gateway': { ...CLOSES, assumed: ['sse', 'websocket', 'buffering'] },
  'azure-front-door': { ...DOCUMENTED, assumed: ['websocket', 'sse', 'buffering'] },
  'azure-load-balancer': FORGETS,
  'azure-load-balancer-reset': { ...FORGETS, originSees: 'RST' },
  'azure-app-service': { ...CLOSES, fromMemory: ['long-polling'] },
  cloudflare: CLOSES,
  'cloudflare-enterprise': CLOSES,
  fastly: { ...CLOSES_STREAMS, fromMemory: ['limit', 'upgrade'] },
  akamai: { ...CLOSES_STREAMS, fromMemory: ['upgrade'] },
  bunny: CLOSES,
  heroku: { ...CLOSES, originSees: 'nothing at H12, the limit of the first byte' },
  fly: { ...DOCUMENTED, noIdleLimit: true, assumed: ['websocket'] },
  'fly-old': FORGETS,
  vercel: { ...CLOSES, fromMemory: ['long-polling'] },
  netlify: { ...CLOSES_STREAMS, fromMemory: ['long-polling', 'upgrade'] },
  render: { ...DOCUMENTED, assumed: ['long-polling', 'sse'], fromMemory: ['limit'] },
  ngrok: { ...CLOSES, assumed: ['long-polling', 'sse', 'websocket'] },
  'bluecoat-scanning': { ...DOCUMENTED, assumed: ['websocket'] },
  'corporate-no-upgrade': { ...DOCUMENTED, assumed: ['limit', 'buffering', 'long-polling', 'sse'] },
  'mobile-nat-aggressive': FROM_MEMORY,
  'mobile-nat': FROM_MEMORY,
  'home-nat-short': FROM_MEMORY,
  'home-nat': FROM_MEMORY,
  'linux-conntrack': FORGETS,
  'kube-proxy-ipvs': FORGETS,
  'cloudflare-quick-tunnel': CLOSES,
  railway: { ...DOCUMENTED, assumed: ['long-polling', 'sse', 'websocket'] },
  'envoy-gateway': { ...CLOSES, fromMemory: ['upgrade'] },
  'cilium-gateway': { ...CLOSES, fromMemory: ['long-polling', 'upgrade'] },
  contour: { ...CLOSES, fromMemory: ['long-polling'] },
  'nginx-gateway-fabric': { ...DOCUMENTED, fromMemory: ['buffering', 'upgrade'] },
  'iis-arr': { ...CLOSES, fromMemory: ['limit', 'long-polling', 'buffering'] },
  kaspersky: { ...DOCUMENTED, assumed: ['websocket', 'buffering'] },
  gunicorn: { ...DOCUMENTED, assumed: ['sse', 'long-polling'], http2: 'HTTP/1.1 only' },
  uvicorn: { ...DOCUMENTED, noIdleLimit: true, http2: 'HTTP/1.1 only' },
  cowboy: { ...DOCUMENTED, fromMemory: ['websocket'], assumed: ['sse'] },
  'reactor-netty': { ...DOCUMENTED, noIdleLimit: true },
};
