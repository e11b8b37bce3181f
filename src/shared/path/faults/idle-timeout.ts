import { define } from '../definition.ts';
import { endBy } from '../effect.ts';
import { directionSuffix } from '../direction-param.ts';
import { durationText } from '../quantity-text.ts';

export const idleTimeout = define({
  id: 'idle-timeout',
  label: 'Idle timeout',
  what: 'After this long without a byte either way, or in one direction if so set, the connection is ended.',
  params: {
    after: { kind: 'duration', label: 'Idle limit', help: '0 is no limit.', default: 60_000, min: 0, max: 864_000_000 },
    end: {
      kind: 'choice',
      label: 'How it ends',
      default: 'fin',
      options: {
        fin: 'FIN, as most proxies do',
        rst: 'RST',
        silence: 'Silence, then RST to whoever sends next',
        'black-hole': 'Silence for good, as a NAT that forgot',
      },
    },
    dir: {
      kind: 'choice',
      label: 'Silence of',
      default: 'both',
      options: {
        both: 'Both ways: any byte resets it',
        up: 'Client to server: only the client’s bytes do',
        down: 'Server to client: only the server’s bytes do',
      },
    },
  },
  disabledParams: { after: 0 },
  summary: (params) => `idle limit ${durationText(params.after)}${directionSuffix(params)}`,
  idleLimitMs: (params) => params.after || null,
  explain: (_method, { after, end, dir }) =>
    endBy({ on: 'silence', ms: after, resetBy: dir === 'both' ? 'any' : dir }, end),
});
