import type { PresetInfo } from './preset.ts';
import { APPLICATION_SERVERS } from './application-servers.ts';
import { DOCUMENTED } from './documented.ts';
import { GATEWAY_API } from './gateway-api.ts';
import { MEASURED } from './measured.ts';
import { PRESET_FACTS } from './facts.ts';

/**
 * Paths that bytes alone tell apart: whatever is on them sees TCP, not HTTP. `measured` figures come from the
 * program itself on Debian 12, one machine; `documented` ones from the page given, and where that page states no figure
 * the source says so; `from memory` ones from nowhere that could be looked up.
 */
const BYTES: readonly PresetInfo[] = [
  {
    id: 'direct',
    label: 'Direct',
    group: 'Your machine',
    what: 'Nothing lies between client and server.',
    kind: 'built-in',
    source: 'Heartline',
    via: '',
  },
  {
    id: 'impatient-proxy',
    label: 'Impatient proxy',
    group: 'Your machine',
    what: 'Ends whatever has been silent for 10 s, with FIN to both sides. Made to be seen; real ones wait a minute.',
    kind: 'built-in',
    source: 'Heartline',
    via: 'idle-timeout:after=10s',
  },
  {
    id: 'typical-proxy',
    label: 'Typical proxy',
    group: 'Your machine',
    what: 'Ends whatever has been silent for 60 s, with FIN to both sides.',
    kind: 'built-in',
    source: 'Heartline',
    via: 'idle-timeout:after=60s',
  },
  {
    id: 'slow-line',
    label: 'Slow line',
    group: 'Your machine',
    what: 'Every byte comes 150 ms late, give or take 50 ms, at no more than 32 KiB a second.',
    kind: 'built-in',
    source: 'Heartline',
    via: 'latency:delay=150ms,jitter=50ms+bandwidth:rate=32KiB',
  },
  {
    id: 'haproxy-tcp',
    label: 'HAProxy, mode tcp',
    group: 'Reverse proxies',
    what: 'A balancer that only sees TCP: after 50 s of silence it sends FIN to both sides, without an HTTP answer.',
    kind: 'measured',
    source: 'HAProxy 2.6.12, mode tcp with Debian’s timeouts; FIN to both sides 0 to 5 ms after the limit',
    via: 'idle-timeout:after=50s+soft-reset:dir=down',
  },
  {
    id: 'squid-connect',
    label: 'Squid, CONNECT tunnel',
    group: 'Corporate',
    what: 'wss and https through a corporate proxy that does not look inside: FIN to both sides after 15 min of silence.',
    kind: 'measured',
    source: 'Squid 5.7 read_timeout; its coarse timer fires 0.5 s early to 1.6 s late, which is not imitated',
    via: 'idle-timeout:after=15m+soft-reset',
  },
  {
    id: 'tinyproxy-connect',
    label: 'tinyproxy, CONNECT tunnel',
    group: 'Corporate',
    what: 'wss and https through a small forward proxy: FIN to both sides after 10 min of silence.',
    kind: 'measured',
    source: 'tinyproxy 1.11.1 Timeout 600; FIN to both sides 0 to 5 ms after the limit',
    via: 'idle-timeout:after=10m+soft-reset',
  },
  {
    id: 'aws-nlb',
    label: 'AWS NLB',
    group: 'Clouds',
    what: 'Forgets a connection after 350 s of silence and says nothing; whoever sends next gets RST.',
    kind: 'documented',
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html',
    via: 'idle-timeout:after=350s,end=silence',
  },
  {
    id: 'aws-nat-gateway',
    label: 'AWS NAT gateway',
    group: 'Clouds',
    what: 'Forgets a connection after 350 s of silence and says nothing; whoever sends next gets RST.',
    kind: 'documented',
    source:
      'https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html (the limit; that it answers with RST is from experience)',
    via: 'idle-timeout:after=350s,end=silence',
  },
  {
    id: 'aws-network-firewall',
    label: 'AWS Network Firewall',
    group: 'Clouds',
    what: 'After 350 s of silence packets are dropped without a word, both ways.',
    kind: 'documented',
    source: 'https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_FlowTimeouts.html',
    via: 'idle-timeout:after=350s,end=black-hole',
  },
  {
    id: 'azure-load-balancer',
    label: 'Azure Load Balancer',
    group: 'Clouds',
    what: 'After 4 min of silence packets are dropped without a word, both ways.',
    kind: 'documented',
    source: 'https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-reset',
    via: 'idle-timeout:after=4m,end=black-hole',
  },
  {
    id: 'azure-load-balancer-reset',
    label: 'Azure Load Balancer with TCP reset',
    group: 'Clouds',
    what: 'After 4 min of silence both sides get RST.',
    kind: 'documented',
    source: 'https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-reset',
    via: 'idle-timeout:after=4m,end=rst',
  },
  {
    id: 'fly-old',
    label: 'Fly.io (older docs)',
    group: 'Clouds',
    what: 'After 60 s of silence both sides get RST.',
    kind: 'documented',
    source: 'https://fly.io/docs/reference/services/',
    via: 'idle-timeout:after=60s,end=rst',
  },
  {
    id: 'mobile-nat-aggressive',
    label: 'Mobile carrier NAT, aggressive',
    group: 'Mobile and home',
    what: 'After 4 min of silence the network forgets the connection: nothing comes through, and nobody is told.',
    kind: 'from memory',
    source: 'Wang et al., SIGCOMM 2011 (figure quoted from memory)',
    via: 'idle-timeout:after=4m,end=black-hole',
  },
  {
    id: 'mobile-nat',
    label: 'Mobile carrier NAT, typical',
    group: 'Mobile and home',
    what: 'After 30 min of silence the network forgets the connection: nothing comes through, and nobody is told.',
    kind: 'from memory',
    source: 'Wang et al., SIGCOMM 2011 (figure quoted from memory)',
    via: 'idle-timeout:after=30m,end=black-hole',
  },
  {
    id: 'home-nat-short',
    label: 'Home router NAT, short',
    group: 'Mobile and home',
    what: 'After 239 s of silence the router forgets the connection: nothing comes through, and nobody is told.',
    kind: 'from memory',
    source: 'Hätönen et al., IMC 2010 (figure quoted from memory)',
    via: 'idle-timeout:after=239s,end=black-hole',
  },
  {
    id: 'home-nat',
    label: 'Home router NAT, median',
    group: 'Mobile and home',
    what: 'After 60 min of silence the router forgets the connection: nothing comes through, and nobody is told.',
    kind: 'from memory',
    source: 'Hätönen et al., IMC 2010 (figure quoted from memory)',
    via: 'idle-timeout:after=60m,end=black-hole',
  },
  {
    id: 'kube-proxy-ipvs',
    label: 'Kubernetes Service, kube-proxy in IPVS mode',
    group: 'Clouds',
    what: 'Forgets a connection after 15 min of silence and says nothing; whoever sends next gets RST.',
    kind: 'documented',
    source:
      'https://github.com/kubernetes/kubernetes/issues/84041 (the limit; RST: https://github.com/easzlab/kubeasz/pull/688)',
    via: 'idle-timeout:after=15m,end=silence',
  },
  {
    id: 'linux-conntrack',
    label: 'Linux conntrack',
    group: 'Mobile and home',
    what: 'After 5 days of silence the kernel forgets the connection: nothing comes through, and nobody is told.',
    kind: 'documented',
    source: 'nf_conntrack_tcp_timeout_established, 432,000 s',
    via: 'idle-timeout:after=5d,end=black-hole',
  },
];

export const PRESETS: Record<string, PresetInfo> = Object.fromEntries(
  [...BYTES, ...MEASURED, ...DOCUMENTED, ...GATEWAY_API, ...APPLICATION_SERVERS].map((preset) => [
    preset.id,
    { ...preset, ...PRESET_FACTS[preset.id] },
  ]),
);
