import type { ParamValues } from '../../../../shared/path/params.ts';
import type { Field } from '../framing.ts';
import type { ErrorPage } from '../policy.ts';

/** Why an intermediary has to answer itself. */
export type FailureKind = 'silent' | 'died' | 'unreachable';

interface PageStyle {
  label: string;
  /** The reason phrase by status, or by status and what failed. */
  reasons?: Record<string, string>;
  /** All there is to read; without it a short page says the status and its reason. */
  body?: (status: number, reason: string) => string;
  type?: string;
}

/** How the errors of real intermediaries look: reason, kind of page or none. */
const PAGE_STYLES: Record<string, PageStyle> = {
  plain: { label: 'Plain' },
  nginx: { label: 'nginx', reasons: { '504': 'Gateway Time-out', '408': 'Request Time-out' } },
  haproxy: { label: 'HAProxy', reasons: { '504': 'Gateway Time-out', '408': 'Request Time-out' } },
  apache: { label: 'Apache httpd', reasons: { '502': 'Proxy Error' } },
  varnish: { label: 'Varnish', reasons: { '503': 'Backend fetch failed' } },
  'traffic-server': {
    label: 'Apache Traffic Server',
    reasons: {
      '504': 'Connection Timed Out',
      '502 unreachable': 'Connection refused',
      '502 died': 'Malformed Server Response Status',
    },
  },
  tinyproxy: { label: 'tinyproxy', reasons: { '500 unreachable': 'Unable to connect' } },
  empty: { label: 'Nothing but the head (Go, Node)', body: () => '' },
  cloudflare: { label: 'Cloudflare', reasons: { '524': 'A Timeout Occurred' } },
  fastly: { label: 'Fastly', reasons: { '503 silent': 'first byte timeout' } },
  'aws-api-gateway': {
    label: 'AWS API Gateway',
    body: (_status, reason) => JSON.stringify({ message: reason }),
    type: 'application/json',
  },
  vercel: {
    label: 'Vercel',
    body: (status, reason) => (status === 504 ? 'FUNCTION_INVOCATION_TIMEOUT' : reason),
    type: 'text/plain',
  },
};

export const PAGE_OPTIONS = Object.fromEntries(Object.entries(PAGE_STYLES).map(([name, { label }]) => [name, label]));

/** @param reasonPhrase what the status is called otherwise */
export function errorPageFor(name: string, status: number, failing: FailureKind, reasonPhrase: string): ErrorPage {
  const { reasons = {}, body, type } = PAGE_STYLES[name] ?? {};
  const reason = reasons[`${status} ${failing}`] ?? reasons[status] ?? reasonPhrase;
  return { reason, ...(body && { body: body(status, reason) }), ...(type && { type }) };
}

/** What becomes of the spelling of field names; HTTP itself does not care (RFC 9110, 5.1). */
export const FIELD_NAME_OPTIONS = {
  kept: 'As they come',
  lower: 'In lower case',
  canonical: 'In Canonical-Case, as Go has it',
};

export function rewriteFieldNames(head: { fields: Field[] }, { names }: ParamValues): void {
  if (names === 'kept') return;
  for (const one of head.fields) {
    const lower = one[0].toLowerCase();
    one[0] = names === 'lower' ? lower : lower.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  }
}
