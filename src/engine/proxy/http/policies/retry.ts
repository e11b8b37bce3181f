import { NON_IDEMPOTENT, type Policy } from '../policy.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** An intermediary that asks again when it got no answer. */
export const retry: Policy = {
  id: 'retry',
  label: 'Upstream retries',
  what: 'A request that got no answer is sent again: the origin works on the same poll several times.',
  params: {
    times: { kind: 'number', label: 'Repeats', default: 1, min: 0, max: 100, whole: true },
    on: {
      kind: 'choice',
      label: 'When',
      default: 'all',
      options: { all: 'The origin was silent or its connection broke', timeout: 'The origin was silent' },
    },
    methods: {
      kind: 'choice',
      label: 'Methods',
      help: 'A request the origin never had, because it cannot be reached, is always sent again.',
      default: 'idempotent',
      options: { safe: 'GET, HEAD, OPTIONS, TRACE', idempotent: 'All but POST, PATCH, LOCK', all: 'All' },
    },
  },
  disabledParams: { times: 0 },
  summary: (params) => `asks ${Number(params['times']) + 1} times`,
  http: {
    shouldRetry({ request: { method } }, params, tries, why) {
      if (tries > Number(params['times']) || (params['on'] === 'timeout' && why !== 'timeout')) return false;
      if (why === 'unreachable' || params['methods'] === 'all') return true;
      return params['methods'] === 'safe' ? SAFE_METHODS.includes(method) : !NON_IDEMPOTENT.includes(method);
    },
  },
};
