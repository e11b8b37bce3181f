import type { PresetInfo } from './preset.ts';

/** Paths that read HTTP, as their makers describe them; what a page leaves open is named beside its address. */
export const DOCUMENTED: readonly PresetInfo[] = [
  {
    id: 'ingress-nginx',
    label: 'Kubernetes ingress-nginx',
    group: 'Reverse proxies',
    what: 'Everything gets through at once; 60 s without a byte end streams and WebSockets with FIN, and polls get 504.',
    kind: 'documented',
    source:
      'https://github.com/kubernetes/ingress-nginx/blob/main/docs/user-guide/miscellaneous.md (the 240 s after a reload are worker-shutdown-timeout of …/nginx-configuration/configmap.md; what it looks like is measured on nginx; that buffering is off is from memory)',
    via: 'http-proxy:reuse=off,pages=nginx+http-idle-timeout:lazy=300ms+buffer:hold=none,accel=honoured+keep-alive+reload:every=0s,ws=fin,stream=aborted,delay=240s',
  },
  {
    id: 'envoy',
    label: 'Envoy',
    group: 'Reverse proxies',
    what: 'A request may take 15 s as a whole, streams included; polls then get 504. WebSocket has to be configured.',
    kind: 'documented',
    source:
      'https://www.envoyproxy.io/docs/envoy/v1.39.0/faq/configuration/timeouts (503 where the origin resets: …/configuration/observability/access_log/usage, flags UC and UF) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=15s,ws=none+http-idle-timeout:after=5m,poll=408+upgrade+origin-dies:poll=503,refused=503,kept=503',
  },
  {
    id: 'istio',
    label: 'Istio',
    group: 'Reverse proxies',
    what: '5 min without a byte end streams and WebSockets; polls get 408.',
    kind: 'documented',
    source:
      'https://istio.io/latest/docs/tasks/traffic-management/request-timeouts/ (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=5m,poll=408',
  },
  {
    id: 'traefik',
    label: 'Traefik',
    group: 'Reverse proxies',
    what: 'No idle limit on streams, polls and WebSockets; idle client connections are closed after 3 min.',
    kind: 'documented',
    source: 'https://github.com/traefik/traefik/blob/master/docs/content/routing/entrypoints.md',
    via: 'http-proxy+keep-alive:idle=3m',
  },
  {
    id: 'aws-alb',
    label: 'AWS ALB',
    group: 'Clouds',
    what: '60 s without a byte end streams and WebSockets; polls get 504, a request that stops in the middle 408.',
    kind: 'documented',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html (502 where a target closes a kept connection as a request comes: …/load-balancer-troubleshooting.html) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:stalled=408+origin-dies:kept=502',
  },
  {
    id: 'aws-api-gateway-http',
    label: 'AWS API Gateway, HTTP API',
    group: 'Clouds',
    what: 'Answers are held back to their end and may take 30 s; then 503, with a message in JSON. No streams, no WebSocket.',
    kind: 'documented',
    source:
      'https://docs.aws.amazon.com/sdk-for-kotlin/api/latest/apigatewayv2/ (the limit; status, message and buffering are from memory)',
    via: 'http-proxy:pages=aws-api-gateway+http-lifetime:poll=503,held=poll+upgrade+buffer:hold=until-end',
  },
  {
    id: 'aws-api-gateway-websocket',
    label: 'AWS API Gateway, WebSocket',
    group: 'Clouds',
    what: 'Nothing but WebSocket gets through, the rest gets 426. A WebSocket is closed after 10 min of silence, and after 2 h in any case; a message of more than 128 KiB closes it with 1009.',
    kind: 'documented',
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html (the limits, and 1009 beyond 128 KiB a message or 32 KiB a frame; the close code 1001 is from memory, 426 is assumed)',
    via: 'http-idle-timeout:after=10m,poll=none,stream=none,ws=close-1001+http-lifetime:after=2h,poll=none,stream=none,ws=close-1001+upgrade:how=pass,plain=426+ws-message-limit:bytes=128KiB,frame=32KiB',
  },
  {
    id: 'cloudfront',
    label: 'AWS CloudFront',
    group: 'CDNs and platforms',
    what: '30 s without a byte end a stream and give polls 504; WebSockets may be silent for 10 min.',
    kind: 'documented',
    source:
      'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOriginConfig.html (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=30s,websocket=10m',
  },
  {
    id: 'gcp-https-lb',
    label: 'Google Cloud HTTP(S) load balancer',
    group: 'Clouds',
    what: 'Everything ends 30 s after it began, heartbeats or not: the limit is a lifetime. Polls get 502.',
    kind: 'documented',
    source:
      'https://github.com/kubernetes/ingress-gce/blob/master/examples/websocket/README.md (the limit; the status is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:poll=502+keep-alive:idle=610s',
  },
  {
    id: 'cloud-run',
    label: 'Google Cloud Run',
    group: 'Clouds',
    what: 'Everything ends 5 min after it began, WebSockets included; polls get 504.',
    kind: 'documented',
    source:
      'https://cloud.google.com/run/docs/triggering/websockets (the limit; the status is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=5m',
  },
  {
    id: 'gcp-api-gateway',
    label: 'Google Cloud API Gateway',
    group: 'Clouds',
    what: 'Requests and streams may take 15 s; a WebSocket may be silent for 5 min and live for an hour.',
    kind: 'documented',
    source:
      'https://docs.cloud.google.com/python/docs/reference/apigateway/latest/google.cloud.apigateway_v1.types.Gateway.StreamingMode (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=15s,websocket=1h+http-idle-timeout:after=5m',
  },
  {
    id: 'app-engine',
    label: 'Google App Engine, standard',
    group: 'Clouds',
    what: 'Answers are held back to their end, at most 10 min, then 500: no streams, no WebSocket.',
    kind: 'from memory',
    source: 'from memory; no page states it',
    via: 'http-lifetime:after=10m,poll=500,held=poll+upgrade+buffer:hold=until-end',
  },
  {
    id: 'azure-app-gateway',
    label: 'Azure Application Gateway',
    group: 'Clouds',
    what: 'Answers are buffered, and 20 s without a byte end them; polls get 504.',
    kind: 'documented',
    source:
      'https://learn.microsoft.com/azure/application-gateway/use-server-sent-events (the size of a block is assumed) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=20s+buffer',
  },
  {
    id: 'azure-front-door',
    label: 'Azure Front Door',
    group: 'CDNs and platforms',
    what: 'Streams are not supported and show nothing; polls get 504 after a minute; WebSockets may be silent for 5 min and live for 4 h.',
    kind: 'documented',
    source:
      'https://learn.microsoft.com/azure/frontdoor/standard-premium/websocket (30 s or 60 s by the page; that streams are held to their end is assumed) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=5m,first-byte=60s+http-lifetime:after=4h,poll=none,stream=none+buffer:hold=until-end',
  },
  {
    id: 'azure-app-service',
    label: 'Azure App Service',
    group: 'Clouds',
    what: '230 s without a byte end a stream, polls get 504; WebSocket has to be switched on.',
    kind: 'documented',
    source:
      'https://learn.microsoft.com/en-us/answers/questions/1465927 (the limit; the status is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=230s+upgrade',
  },
  {
    id: 'cloudflare',
    label: 'Cloudflare',
    group: 'CDNs and platforms',
    what: '2 min without a byte end a stream, polls get 524; a WebSocket may be silent for 100 s.',
    kind: 'documented',
    source:
      'https://developers.cloudflare.com/fundamentals/reference/connection-limits/ (the page of 2026; before, and in reports to the end of 2024: 100 s; WebSocket by an answer of the staff) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy:pages=cloudflare+http-idle-timeout:after=2m,websocket=100s,poll=524+keep-alive:idle=400s',
  },
  {
    id: 'cloudflare-enterprise',
    label: 'Cloudflare Enterprise, at its limit',
    group: 'CDNs and platforms',
    what: '100 min without a byte end streams and WebSockets; polls get 524.',
    kind: 'documented',
    source:
      'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-524/ (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy:pages=cloudflare+http-idle-timeout:after=100m,poll=524+keep-alive:idle=400s',
  },
  {
    id: 'fastly',
    label: 'Fastly',
    group: 'CDNs and platforms',
    what: 'Polls get 503 after 15 s, and wait for each other; 10 s without a byte end a stream; WebSocket is a product of its own.',
    kind: 'documented',
    source:
      'https://developer.fastly.com/reference/vcl/variables/backend-connection/bereq-first-byte-timeout/ (10 s and WebSocket are from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'collapse+http-proxy:pages=fastly+http-idle-timeout:after=10s,first-byte=15s,poll=503+upgrade',
  },
  {
    id: 'akamai',
    label: 'Akamai',
    group: 'CDNs and platforms',
    what: 'Polls get 504 after 20 s; 5 s without a byte end a stream; no WebSocket.',
    kind: 'documented',
    source:
      'https://techdocs.akamai.com/property-mgr/reference/latest-read-timeout (5 s is the value of its example; WebSocket from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=5s,first-byte=20s+upgrade',
  },
  {
    id: 'bunny',
    label: 'bunny.net',
    group: 'CDNs and platforms',
    what: 'The head of a stream comes with its first event; polls get 504 after a minute; the client of a WebSocket may be silent for 2 min.',
    kind: 'documented',
    source:
      'https://bunny.net/docs/scripting/server-sent-events (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=2m,first-byte=60s,resets=up+buffer:hold=first-byte',
  },
  {
    id: 'heroku',
    label: 'Heroku',
    group: 'CDNs and platforms',
    what: 'A request must be answered within 30 s or gets 503, and the app is not told; then 55 s may pass without a byte.',
    kind: 'documented',
    source:
      'https://devcenter.heroku.com/articles/request-timeout (503 where the app closes: …/error-codes, H13) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=55s,first-byte=30s,poll=503,poll-origin=none+origin-dies:poll=503,refused=503,kept=503',
  },
  {
    id: 'fly',
    label: 'Fly.io',
    group: 'CDNs and platforms',
    what: 'No idle limit; a WebSocket gets a close frame only when its machine stops, which it does as often as reload says.',
    kind: 'documented',
    source:
      'https://community.fly.io/t/tcp-idle-timeouts-restrictions-have-been-removed/15160 (that the code is 1001, and how all else ends when a machine stops, is assumed)',
    via: 'http-proxy+reload:every=0s,stream=aborted',
  },
  {
    id: 'vercel',
    label: 'Vercel Functions',
    group: 'CDNs and platforms',
    what: 'Everything ends 5 min after it began; polls get 504.',
    kind: 'documented',
    source:
      'https://vercel.com/docs/functions/configuring-functions/duration (the limit; status and page are from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy:pages=vercel+http-lifetime:after=5m',
  },
  {
    id: 'netlify',
    label: 'Netlify, proxied rewrite',
    group: 'CDNs and platforms',
    what: 'Requests and streams end after 26 s; polls get 504; no WebSocket.',
    kind: 'documented',
    source:
      'https://docs.netlify.com/routing/redirects/rewrites-proxies/ (the limit; status and WebSocket are from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=26s+upgrade',
  },
  {
    id: 'render',
    label: 'Render',
    group: 'CDNs and platforms',
    what: 'Requests and streams end after 100 min; WebSockets have no limit.',
    kind: 'documented',
    source:
      'https://render.com/docs/websocket (WebSocket; 100 min is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=100m,poll=fin,ws=none',
  },
  {
    id: 'ngrok',
    label: 'ngrok',
    group: 'CDNs and platforms',
    what: '5 min without a byte end everything with FIN, polls without an answer.',
    kind: 'documented',
    source:
      'https://ngrok.com/docs/pricing-limits/endpoint-limits (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=5m,poll=fin',
  },
  {
    id: 'bluecoat-scanning',
    label: 'Blue Coat with content scanning',
    group: 'Corporate',
    what: 'Answers are scanned before they are passed on: a stream shows nothing before its end. WebSockets get through.',
    kind: 'documented',
    source:
      'https://knowledge.broadcom.com/external/article/406021/ (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy+buffer:hold=until-end',
  },
  {
    id: 'corporate-no-upgrade',
    label: 'Corporate proxy without Upgrade',
    group: 'Corporate',
    what: 'WebSocket never gets through, streams show nothing: long polling is what remains.',
    kind: 'documented',
    source:
      'https://webproxy.diladele.com/docs/faq/proxy/http_upgrade_web_sockets/ (Upgrade; the limit of 5 min and the buffering are assumed)',
    via: 'http-idle-timeout:after=5m+upgrade+buffer:hold=until-end',
  },
  {
    id: 'cloudflare-quick-tunnel',
    label: 'Cloudflare quick tunnel (cloudflared)',
    group: 'CDNs and platforms',
    what: 'Answers to GET are held back to their end: a stream shows nothing, and 2 min without a byte make it 524. Answers to POST pass at once.',
    kind: 'documented',
    source:
      'https://github.com/cloudflare/cloudflared/issues/1449 (limits as those of Cloudflare; that silence gives a held stream 524: #199) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy:pages=cloudflare+http-idle-timeout:after=2m,websocket=100s,poll=524,held=poll+keep-alive:idle=400s+buffer:hold=until-end,methods=get',
  },
  {
    id: 'railway',
    label: 'Railway',
    group: 'CDNs and platforms',
    what: 'Requests and streams end after 15 min, polls with 504; WebSockets go on. An idle client connection is closed after a minute.',
    kind: 'documented',
    source:
      'https://docs.railway.com/networking/public-networking/specs-and-limits (15 min and the minute; until 2025: 5 min, and WebSockets cut after 2 to 4 h; the status, and that a WebSocket has no limit, is assumed) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy+http-lifetime:after=15m,ws=none+keep-alive:idle=60s',
  },
  {
    id: 'iis-arr',
    label: 'IIS with Application Request Routing',
    group: 'Reverse proxies',
    what: 'A stream is held back until there are 256 KiB; 2 min without a byte end streams and WebSockets, and polls get 502.',
    kind: 'documented',
    source:
      'https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd443533(v=ws.10) (Time-out and Response buffer threshold; their values, 120 s and 256 KB, and the status, 502.3, are from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-proxy+http-idle-timeout:after=2m,poll=502+buffer:bytes=256KiB',
  },
  {
    id: 'kaspersky',
    label: 'Kaspersky, web traffic scanned',
    group: 'Corporate',
    what: 'Every event arrives only when the next one comes, as an antivirus on the computer itself keeps it back.',
    kind: 'documented',
    source:
      'https://github.com/featurehub-io/featurehub/issues/296 (seen of the first event; that it is so of every one, and that WebSockets get through, is assumed)',
    via: 'http-proxy+buffer:hold=one-behind',
  },
];
