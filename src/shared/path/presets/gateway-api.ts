import type { PresetInfo } from './preset.ts';

/** Controllers of the Kubernetes Gateway API. It sets no default for a timeout, so that each has those of its proxy. */
export const GATEWAY_API: readonly PresetInfo[] = [
  {
    id: 'envoy-gateway',
    label: 'Envoy Gateway (Gateway API)',
    group: 'Reverse proxies',
    what: 'A request may take 15 s as a whole, streams included, unless its HTTPRoute says otherwise; polls then get 504. WebSockets get through.',
    kind: 'documented',
    source:
      'https://gateway.envoyproxy.io/latest/tasks/traffic/http-timeouts/ (5 min without a byte: Envoy; that WebSocket is on is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=15s,ws=none+http-idle-timeout:after=5m,poll=408+origin-dies:poll=503,refused=503,kept=503',
  },
  {
    id: 'contour',
    label: 'Contour (Gateway API)',
    group: 'Reverse proxies',
    what: 'A request has no limit of its own; 5 min without a byte end streams, polls get 504, and an idle client connection is closed after a minute.',
    kind: 'documented',
    source:
      'https://projectcontour.io/docs/main/configuration/ (stream-idle-timeout, connection-idle-timeout; the status is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-idle-timeout:after=5m,poll=504+keep-alive:idle=60s',
  },
  {
    id: 'cilium-gateway',
    label: 'Cilium (Gateway API)',
    group: 'Reverse proxies',
    what: '5 min without a byte end streams and WebSockets; polls get 408; an hour ends every request, streams included.',
    kind: 'documented',
    source:
      'https://docs.cilium.io/en/stable/cmdref/cilium-agent/ (http-stream-idle-timeout, http-request-timeout; what ends how is Envoy’s; that WebSocket is on is from memory) (how the connection ends is not documented: FIN is assumed)',
    via: 'http-lifetime:after=1h,ws=none+http-idle-timeout:after=5m,poll=408',
  },
  {
    id: 'nginx-gateway-fabric',
    label: 'NGINX Gateway Fabric (Gateway API)',
    group: 'Reverse proxies',
    what: 'As nginx: 60 s without a byte end streams and WebSockets, polls get 504, and a stream is held back until there are 4 KiB.',
    kind: 'documented',
    source:
      'https://gateway-api.sigs.k8s.io/geps/gep-1742/ (the standard sets no default, a gateway has those of its proxy; what it looks like is measured on nginx; buffering and Upgrade are from memory)',
    via: 'http-proxy:reuse=off,pages=nginx+http-idle-timeout:lazy=300ms+buffer:accel=honoured+keep-alive',
  },
];
