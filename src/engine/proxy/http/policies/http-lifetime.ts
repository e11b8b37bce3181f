import type { SideEnd } from '../../../faults/fault.ts';
import { spanText } from '../../../faults/words.ts';
import type { Policy } from '../policy.ts';
import { AMID, BEFORE, ORIGIN, TUNNEL } from './outcomes.ts';

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
    poll: { kind: 'choice', label: 'A waiting request gets', default: '504', options: BEFORE },
    stream: { kind: 'choice', label: 'A stream gets', default: 'aborted', options: AMID },
    held: {
      kind: 'choice',
      label: 'A stream held back entirely gets',
      default: 'head',
      options: { head: 'Its head and no event, then FIN', poll: 'What a waiting request gets' },
    },
    ws: { kind: 'choice', label: 'A WebSocket gets', default: 'fin', options: TUNNEL },
    origin: { kind: 'choice', label: 'The origin gets', default: 'fin', options: ORIGIN },
  },
  off: { after: 0 },
  short: (params) => `requests end after ${spanText(Number(params['after']))}`,
  http: {
    watch(x, params) {
      const after = Number(params['after']);
      if (after <= 0) return;
      const own = Number(params['websocket']) || after;
      const { poll, stream, held, ws, origin } = params as Record<string, string>;
      const server = origin as SideEnd | 'none';
      const end = (age: number): void => {
        const why = { by: httpLifetime.id, cause: 'close-after', detail: `${spanText(age)} old` } as const;
        const waits = x.phase === 'waiting' || (x.phase === 'answering' && !x.headSent && held === 'poll');
        if (waits && poll !== 'none') {
          const status = Number(poll);
          if (status > 0) x.answer({ status, server, fired: why });
          else x.end({ client: poll as SideEnd, server, bare: true, why });
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
