import { errorStatus as definition } from '../../../../shared/path/policies/error-status.ts';
import type { PolicyImpl } from '../policy.ts';
import type { Field } from '../message.ts';
import { statusOf } from './status.ts';

/** Refuses some requests with a status of its own; the origin never sees them. */
export const errorStatus: PolicyImpl<typeof definition> = {
  request(x, params) {
    const n = x.count(params);
    const { first, every } = params;
    if (n > first && (every === 0 || (n - first) % every !== 0)) return;
    const status = statusOf(params.status);
    const after = Math.ceil(params['retry-after'] / 1000);
    const fields: Field[] = after > 0 ? [['Retry-After', String(after)]] : [];
    if (status === 401) fields.push(['WWW-Authenticate', 'Bearer']);
    if (status === 407) fields.push(['Proxy-Authenticate', 'Basic realm="proxy"']);
    const fired = { by: definition.id, cause: 'refuse', detail: `request ${n}` } as const;
    x.respond({ status, fields, server: 'none', fired });
  },
};
