import { define } from '../definition.ts';
import { endBy, UNPREDICTED } from '../effect.ts';
import { durationText, sizeText } from '../quantity-text.ts';

export const halfClose = define({
  id: 'half-close',
  label: 'Half-close',
  what: 'One direction is ended with FIN and what is said in it from then on is lost; the other direction goes on.',
  params: {
    time: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 30_000, min: 0, max: 864_000_000 },
    bytes: {
      kind: 'size',
      label: 'Bytes',
      help: 'Counted in that direction from the moment this is set; they still get through. 0 is no limit.',
      default: 0,
      min: 0,
      max: 1024 ** 4,
    },
    dir: {
      kind: 'choice',
      label: 'Direction that ends',
      default: 'down',
      options: { down: 'Server to client: the client gets FIN', up: 'Client to server: the server gets FIN' },
    },
  },
  disabledParams: { time: 0, bytes: 0 },
  impliedParams: (typed) => (typed.includes('bytes') && !typed.includes('time') ? { time: 0 } : {}),
  summary: (params) => {
    const { time, bytes } = params;
    const limits = [time > 0 && durationText(time), bytes > 0 && sizeText(bytes)].filter(Boolean);
    return limits.length > 0 ? `half-closes ${params.dir} after ${limits.join(' or ')}` : 'half-closes never';
  },
  explain(_method, { time, bytes, dir }) {
    // What a server does whose client has ended its side is the server's own affair.
    if (dir === 'up') return time > 0 || bytes > 0 ? [UNPREDICTED] : [];
    return [...endBy({ on: 'age', ms: time, of: 'connection' }, 'fin'), ...(bytes > 0 ? [UNPREDICTED] : [])];
  },
});
