import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Policy } from '../policy.ts';

/** How long the client's connection outlives its last answer. */
export const keepAlive: Policy = {
  id: 'keep-alive',
  label: 'Keep-alive',
  what: 'A client connection on which no request comes for this long is closed; polling less often has to reconnect.',
  params: {
    idle: {
      kind: 'duration',
      label: 'Idle limit between requests',
      help: '0 closes after every answer.',
      default: 75_000,
      min: 0,
      max: 864_000_000,
    },
    after: {
      kind: 'choice',
      label: 'After an answer',
      default: 'kept',
      options: {
        kept: 'The connection is kept',
        closed: 'It is closed, unless the answer was an error of the proxy’s own',
      },
    },
  },
  summary: (params) =>
    Number(params['idle']) === 0 || params['after'] === 'closed'
      ? 'no keep-alive'
      : `keep-alive ${durationText(Number(params['idle']))}`,
  http: {
    keepAliveMs: (params, after) => (after === 'origin' && params['after'] === 'closed' ? 0 : Number(params['idle'])),
  },
};
