import type { Policy } from '../policy.ts';

/** An intermediary that asks again when it got no answer. */
export const retry: Policy = {
  id: 'retry',
  label: 'Upstream retries',
  what: 'A request that got no answer is sent again: the origin works on the same poll several times.',
  params: {
    times: { kind: 'number', label: 'Repeats', default: 1, min: 0, max: 100 },
    on: {
      kind: 'choice',
      label: 'When',
      default: 'all',
      options: { all: 'The origin was silent or its connection broke', timeout: 'The origin was silent' },
    },
  },
  off: { times: 0 },
  short: (params) => `asks ${Number(params['times']) + 1} times`,
  http: {
    retries: (_x, params, tries, why) =>
      tries <= Number(params['times']) && (params['on'] === 'all' || why === 'timeout'),
  },
};
