import { define } from '../definition.ts';
import { PRIVATE_OPTIONS } from './private-options.ts';

export const collapse = define({
  id: 'collapse',
  label: 'Collapsed requests',
  what: 'Requests for the same URL at the same time wait for each other: held polls take turns.',
  params: {
    how: {
      kind: 'choice',
      label: 'Waiting',
      default: 'first-alone',
      options: {
        'first-alone': 'The first goes alone, the rest together after it',
        'rest-shares': 'The first goes alone, then one more, whose answer all that waited get',
        serialise: 'One after the other',
      },
    },
    look: {
      kind: 'duration',
      label: 'Looks for its turn every',
      help: '0 is as soon as it comes.',
      default: 0,
      min: 0,
      max: 60_000,
    },
    free: {
      kind: 'duration',
      label: 'Then nobody waits for',
      help: '0 starts anew at once.',
      default: 0,
      min: 0,
      max: 86_400_000,
    },
    of: {
      kind: 'choice',
      label: 'Requests that wait for each other',
      default: 'url',
      options: {
        url: 'GETs for the same URL, until the head of the answer comes',
        any: 'All, until the answer is over: as with a single synchronous worker',
      },
    },
    private: {
      kind: 'choice',
      label: 'A request of one person',
      default: 'kept',
      options: { ...PRIVATE_OPTIONS, kept: 'Waits as all do' },
    },
  },
  summary: ({ how, of }) =>
    of === 'any'
      ? 'one request at a time'
      : how === 'serialise'
        ? 'same requests one by one'
        : 'same requests collapsed',
  layer: 'http',
  explain: (method, { of }) => (method === 'websocket' && of === 'url' ? [] : [{ kind: 'queues' }]),
});
