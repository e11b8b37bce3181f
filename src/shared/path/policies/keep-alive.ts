import { define } from '../definition.ts';
import { durationText } from '../quantity-text.ts';

export const keepAlive = define({
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
    params.idle === 0 || params.after === 'closed' ? 'no keep-alive' : `keep-alive ${durationText(params.idle)}`,
  layer: 'http',
  // Between two requests nobody waits.
  explain: () => [],
});
