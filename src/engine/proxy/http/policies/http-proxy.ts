import type { httpProxy as definition } from '../../../../shared/path/policies/http-proxy.ts';
import { setField } from '../message.ts';
import type { PolicyImpl } from '../policy.ts';
import { errorPageFor, rewriteFieldNames } from './error-pages.ts';

/** The intermediary alone: it reads requests and answers, and passes them on. */
export const httpProxy: PolicyImpl<typeof definition> = {
  upstreamOptions: (params) => ({
    version: params.version === '1.0' ? '1.0' : '1.1',
    reuse: params.version !== '1.0' && params.reuse === 'on',
  }),
  errorPage: (params, status, failing, words) => errorPageFor(params.pages, status, failing, words),
  response: (x, params) => rewriteFieldNames(x.response!, params),
  request(x, params) {
    rewriteFieldNames(x.request, params);
    if (params.adds === 'none') return;
    setField(x.request, 'X-Forwarded-For', '127.0.0.1');
    if (params.adds === 'via') setField(x.request, 'Via', '1.1 proxy');
  },
};
