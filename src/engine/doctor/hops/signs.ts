/** By which fields of an answer a program names itself. Behaviour that others share names nobody. */
export interface Sign {
  what: string;
  field: string;
  is: RegExp;
  /** Only somebody on the way writes this; else it may be the origin itself. */
  onTheWay: boolean;
}

export const SIGNS: readonly Sign[] = [
  { what: 'cloudflare', field: 'cf-ray', is: /./, onTheWay: true },
  { what: 'heroku', field: 'via', is: /\b(vegur|heroku-router)\b/i, onTheWay: true },
  { what: 'cloudfront', field: 'x-amz-cf-id', is: /./, onTheWay: true },
  { what: 'alb', field: 'server', is: /^awselb\//i, onTheWay: true },
  { what: 'varnish', field: 'x-varnish', is: /^\d+( \d+)?$/, onTheWay: true },
  { what: 'squid', field: 'via', is: /\(squid/i, onTheWay: true },
  { what: 'trafficserver', field: 'via', is: /ApacheTrafficServer/i, onTheWay: true },
  { what: 'tinyproxy', field: 'via', is: /\(tinyproxy/i, onTheWay: true },
  { what: 'caddy', field: 'via', is: /\bCaddy\b/i, onTheWay: true },
  { what: 'envoy', field: 'x-envoy-upstream-service-time', is: /./, onTheWay: true },
  { what: 'envoy', field: 'server', is: /^envoy$/i, onTheWay: true },
  { what: 'nginx', field: 'server', is: /^nginx\b/i, onTheWay: false },
  { what: 'caddy', field: 'server', is: /^Caddy\b/i, onTheWay: false },
  { what: 'apache', field: 'server', is: /^Apache\b/i, onTheWay: false },
  { what: 'lighttpd', field: 'server', is: /^lighttpd\b/i, onTheWay: false },
];
