import type { CloseMode } from '../../tcp/faults/fault.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Policy } from '../policy.ts';
import { STREAM_OPTIONS, UNANSWERED_OPTIONS, ORIGIN_OPTIONS, TUNNEL_OPTIONS } from './outcome-options.ts';

/** A limit on how long a request may take as a whole, heartbeats or not. */
export const httpLifetime: Policy = {
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
  summary: (params) => `requests end after ${durationText(Number(params['after']))}`,
  http: {
    watch(x, params) {
      const after = Number(params['after']);
      if (after <= 0) return;
      const own = Number(params['websocket']) || after;
      const { poll, stream, held, ws, origin } = params as Record<string, string>;
      const server = origin as CloseMode | 'none';
      const end = (age: number): void => {
        const why = { by: httpLifetime.id, cause: 'close-after', detail: `${durationText(age)} old` } as const;
        const waits = x.phase === 'waiting' || (x.phase === 'answering' && !x.headSent && held === 'poll');
        if (waits && poll !== 'none') {
          const status = Number(poll);
          if (status > 0) x.respond({ status, server, fired: why });
          else x.end({ client: poll as CloseMode, server, withoutHead: true, why });
        } else if (x.phase === 'answering' && stream !== 'none') {
          x.end({ client: stream === 'aborted' ? 'fin' : (stream as 'clean' | 'rst'), server, why });
        } else if (x.phase === 'tunnel' && ws !== 'none') x.end({ client: ws as 'fin', server, why });
      };
      const stops = [x.clock.after(after, () => (x.phase !== 'tunnel' || own === after) && end(after))];
      if (own !== after) stops.push(x.clock.after(own, () => x.phase === 'tunnel' && end(own)));
      return { stop: () => stops.forEach((stop) => stop()) };
    },
  },
};
