import type { Values } from '../../../../shared/path/definition.ts';
import type { httpProxy } from '../../../../shared/path/policies/http-proxy.ts';
import type { Field } from '../message.ts';
import type { ErrorPage, RequestFailure } from '../policy.ts';

type ProxyParams = Values<typeof httpProxy>;

interface PageStyle {
  /** The reason phrase by status, or by status and what failed. */
  reasons?: Record<string, string>;
  /** All there is to read; without it a short page says the status and its reason. */
  body?: (status: number, reason: string) => string;
  type?: string;
}

/** How the errors of real intermediaries look: reason, kind of page or none. */
const PAGE_STYLES: Record<ProxyParams['pages'], PageStyle> = {
  plain: {},
  nginx: { reasons: { '504': 'Gateway Time-out', '408': 'Request Time-out' } },
  haproxy: { reasons: { '504': 'Gateway Time-out', '408': 'Request Time-out' } },
  apache: { reasons: { '502': 'Proxy Error' } },
  varnish: { reasons: { '503': 'Backend fetch failed' } },
  'traffic-server': {
    reasons: {
      '504': 'Connection Timed Out',
      '502 unreachable': 'Connection refused',
      '502 died': 'Malformed Server Response Status',
    },
  },
  tinyproxy: { reasons: { '500 unreachable': 'Unable to connect' } },
  empty: { body: () => '' },
  cloudflare: { reasons: { '524': 'A Timeout Occurred' } },
  fastly: { reasons: { '503 silent': 'first byte timeout' } },
  'aws-api-gateway': {
    body: (_status, reason) => JSON.stringify({ message: reason }),
    type: 'application/json',
  },
  vercel: {
    body: (status, reason) => (status === 504 ? 'FUNCTION_INVOCATION_TIMEOUT' : reason),
    type: 'text/plain',
  },
};

/** @param reasonPhrase what the status is called otherwise */
export function errorPageFor(
  name: ProxyParams['pages'],
  status: number,
  failing: RequestFailure,
  reasonPhrase: string,
): ErrorPage {
  const { reasons = {}, body, type } = PAGE_STYLES[name];
  const reason = reasons[`${status} ${failing}`] ?? reasons[status] ?? reasonPhrase;
  return { reason, ...(body && { body: body(status, reason) }), ...(type && { type }) };
}

export function rewriteFieldNames(head: { fields: Field[] }, { names }: ProxyParams): void {
  if (names === 'kept') return;
  for (const one of head.fields) {
    const lower = one[0].toLowerCase();
    one[0] = names === 'lower' ? lower : lower.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  }
}
