import { spanText } from '../../../faults/words.ts';
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
  },
  short: (params) =>
    Number(params['idle']) === 0 ? 'no keep-alive' : `keep-alive ${spanText(Number(params['idle']))}`,
  http: { keepAliveMs: (params) => Number(params['idle']) },
};
