import { setField } from '../framing.ts';
import type { Policy } from '../policy.ts';
import { FIELD_NAME_OPTIONS, errorPageFor, PAGE_OPTIONS, rewriteFieldNames } from './error-pages.ts';

/** The intermediary alone: it reads requests and answers, and passes them on. */
export const httpProxy: Policy = {
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
  summary: (params) => (params['version'] === '1.0' ? 'HTTP proxy (HTTP/1.0 to the origin)' : 'HTTP proxy'),
  http: {
    upstreamOptions: (params) => ({
      version: params['version'] === '1.0' ? '1.0' : '1.1',
      reuse: params['version'] !== '1.0' && params['reuse'] === 'on',
    }),
    errorPage: (params, status, failing, words) => errorPageFor(String(params['pages']), status, failing, words),
    response: (x, params) => rewriteFieldNames(x.response!, params),
    request(x, params) {
      rewriteFieldNames(x.request, params);
      if (params['adds'] === 'none') return;
      setField(x.request, 'X-Forwarded-For', '127.0.0.1');
      if (params['adds'] === 'via') setField(x.request, 'Via', '1.1 proxy');
    },
  },
};
