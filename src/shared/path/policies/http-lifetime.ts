import { define } from '../definition.ts';
import { endBy, evidenceOf, outcomeFor } from '../effect.ts';
import { durationText } from '../quantity-text.ts';
import { STREAM_OPTIONS, UNANSWERED_OPTIONS, ORIGIN_OPTIONS, TUNNEL_OPTIONS } from './outcome-options.ts';

export const httpLifetime = define({
  id: 'http-lifetime',
  label: 'Request lifetime',
  what: 'Every request, stream or WebSocket is ended at this age, however much is said on it.',
  params: {
    after: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 30_000, min: 0, max: 864_000_000 },
    websocket: {
      kind: 'duration',
      label: 'Age of a WebSocket',
      help: '0 is the same.',
      default: 0,
      min: 0,
      max: 864_000_000,
    },
    poll: { kind: 'choice', label: 'A waiting request gets', default: '504', options: UNANSWERED_OPTIONS },
    stream: { kind: 'choice', label: 'A stream gets', default: 'aborted', options: STREAM_OPTIONS },
    held: {
      kind: 'choice',
      label: 'A stream held back entirely gets',
      default: 'head',
      options: { head: 'Its head and no event, then FIN', poll: 'What a waiting request gets' },
    },
    ws: { kind: 'choice', label: 'A WebSocket gets', default: 'fin', options: TUNNEL_OPTIONS },
    origin: { kind: 'choice', label: 'The origin gets', default: 'fin', options: ORIGIN_OPTIONS },
  },
  disabledParams: { after: 0 },
  summary: (params) => `requests end after ${durationText(params.after)}`,
  layer: 'http',
  explain(method, params) {
    const { after, websocket, held, poll } = params;
    const ms = after > 0 && method === 'websocket' ? websocket || after : after;
    const seesHeld = method === 'sse' && held === 'poll' ? evidenceOf(poll) : null;
    return endBy({ on: 'age', ms, of: 'request' }, outcomeFor(method, params), seesHeld ? { seesHeld } : {});
  },
});
