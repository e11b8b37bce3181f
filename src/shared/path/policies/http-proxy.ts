import { define } from '../definition.ts';

/** Whose errors an intermediary's own may look like. */
const PAGE_OPTIONS = {
  plain: 'Plain',
  nginx: 'nginx',
  haproxy: 'HAProxy',
  apache: 'Apache httpd',
  varnish: 'Varnish',
  'traffic-server': 'Apache Traffic Server',
  tinyproxy: 'tinyproxy',
  empty: 'Nothing but the head (Go, Node)',
  cloudflare: 'Cloudflare',
  fastly: 'Fastly',
  'aws-api-gateway': 'AWS API Gateway',
  vercel: 'Vercel',
};

/** What becomes of the spelling of field names; HTTP itself does not care (RFC 9110, 5.1). */
const FIELD_NAME_OPTIONS = {
  kept: 'As they come',
  lower: 'In lower case',
  canonical: 'In Canonical-Case, as Go has it',
};

export const httpProxy = define({
  id: 'http-proxy',
  label: 'HTTP proxy',
  what: 'An intermediary reads every request and answer and passes them on over connections of its own.',
  params: {
    version: {
      kind: 'choice',
      label: 'HTTP to the origin',
      help: 'With 1.0 the end of an answer without a length is the end of the connection.',
      default: '1.1',
      options: { '1.1': 'HTTP/1.1', '1.0': 'HTTP/1.0' },
    },
    reuse: {
      kind: 'choice',
      label: 'Connections to the origin',
      default: 'on',
      options: { on: 'Kept for the next request of the same client', off: 'One for every request' },
    },
    adds: {
      kind: 'choice',
      label: 'Adds to requests',
      default: 'none',
      options: { none: 'Nothing', forwarded: 'X-Forwarded-For', via: 'X-Forwarded-For and Via' },
    },
    pages: {
      kind: 'choice',
      label: 'Its own errors look like those of',
      help: 'The reason phrase, and whether there is a page behind it.',
      default: 'plain',
      options: PAGE_OPTIONS,
    },
    names: { kind: 'choice', label: 'Names of fields', default: 'kept', options: FIELD_NAME_OPTIONS },
  },
  summary: (params) => (params.version === '1.0' ? 'HTTP proxy (HTTP/1.0 to the origin)' : 'HTTP proxy'),
  layer: 'http',
  explain: () => [],
});
