import { define } from '../definition.ts';

export const retry = define({
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
  summary: (params) => `asks ${params.times + 1} times`,
  layer: 'http',
  explain: (_method, { times }) => (times > 0 ? [{ kind: 'repeats', times }] : []),
});
