import { METHOD_KIND } from '../../catalog.ts';
import { define } from '../definition.ts';
import { durationText } from '../quantity-text.ts';
import { PRIVATE_OPTIONS } from './private-options.ts';

export const cache = define({
  id: 'cache',
  label: 'Cache',
  what: 'Answers without Cache-Control are kept and given out again: a poll may get an old answer, at once.',
  params: {
    keeps: { kind: 'duration', label: 'For', help: '0 keeps nothing.', default: 120_000, min: 0, max: 864_000_000 },
    empty: {
      kind: 'choice',
      label: '204 No Content',
      default: 'kept',
      options: { kept: 'Kept as well', passed: 'Never kept' },
    },
    control: {
      kind: 'choice',
      label: 'Cache-Control',
      help: 'Ignored where a rule says so: beresp.ttl, proxy_ignore_headers, "cache everything".',
      default: 'heeded',
      options: {
        heeded: 'Heeded: kept for its max-age, or not at all',
        refused: 'An answer with it is never kept',
        ignored: 'Ignored: kept all the same',
      },
    },
    private: { kind: 'choice', label: 'A request of one person', default: 'kept', options: PRIVATE_OPTIONS },
    meanwhile: {
      kind: 'choice',
      label: 'Who asks while it comes',
      default: 'replay',
      options: { replay: 'Gets it from its beginning, as it comes', wait: 'Waits until it is whole' },
    },
    match: {
      kind: 'choice',
      label: 'If-None-Match',
      help: 'What is kept is compared with it in any case.',
      default: 'answered',
      options: {
        answered: 'Not passed on; answered with 304 where it matches',
        dropped: 'Not passed on; answered with 200',
        passed: 'Passed on',
      },
    },
    age: {
      kind: 'choice',
      label: 'Age',
      default: 'stored',
      options: {
        stored: 'Said with what is given out again',
        always: 'Said with every answer, 0 where it is fresh',
        never: 'Never said',
      },
    },
  },
  disabledParams: { keeps: 0, match: 'passed', control: 'refused' },
  summary: (params) => (params.keeps > 0 ? `caches for ${durationText(params.keeps)}` : 'caches nothing'),
  layer: 'http',
  explain(method, { keeps, control }) {
    if (METHOD_KIND[method] !== 'poll' || keeps === 0) return [];
    const unless = control === 'ignored' ? null : { name: 'Cache-Control', value: 'no-store' };
    return [{ kind: 'stale', ms: keeps, unless }];
  },
});
