import { define } from '../definition.ts';

const STATUS = {
  '503': '503 Service Unavailable',
  '429': '429 Too Many Requests',
  '401': '401 Unauthorized',
  '403': '403 Forbidden',
  '407': '407 Proxy Authentication Required',
  '404': '404 Not Found',
  '500': '500 Internal Server Error',
  '502': '502 Bad Gateway',
  '504': '504 Gateway Timeout',
};

/** `1st`, `2nd`, `3rd`, `11th`. */
const ORDINAL_SUFFIX: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
const nth = (n: number): string =>
  `${n}${ORDINAL_SUFFIX[new Intl.PluralRules('en', { type: 'ordinal' }).select(n)] ?? 'th'}`;

export const errorStatus = define({
  id: 'error-status',
  label: 'Error status',
  what: 'Some requests are answered with an error, and never reach the origin.',
  params: {
    status: { kind: 'choice', label: 'Status', default: '503', options: STATUS },
    first: {
      kind: 'number',
      label: 'The first requests',
      help: 'So many are refused before any gets through. 0 refuses none at the start.',
      default: 1,
      min: 0,
      max: 1e9,
      whole: true,
    },
    every: {
      kind: 'number',
      label: 'Then every so many',
      help: '0 is none.',
      default: 0,
      min: 0,
      max: 1e9,
      whole: true,
    },
    'retry-after': {
      kind: 'duration',
      label: 'Retry-After',
      help: 'Sent in whole seconds. 0 sends none.',
      default: 0,
      min: 0,
      max: 86_400_000,
    },
  },
  disabledParams: { first: 0, every: 0 },
  impliedParams: (typed) => (typed.includes('every') && !typed.includes('first') ? { first: 0 } : {}),
  summary: (params) => {
    const { first, every } = params;
    const which = [first > 0 && `the first ${first}`, every > 0 && (every === 1 ? 'every one' : `every ${nth(every)}`)]
      .filter(Boolean)
      .join(' and ');
    return which ? `${params.status} for ${which}` : `${params.status} for none`;
  },
  layer: 'http',
});
