import { define } from '../definition.ts';
import { endBy } from '../effect.ts';

const HANDSHAKE = { pass: 'Upgrade passed', strip: 'Upgrade stripped', hang: 'Upgrade hangs' };

export const upgrade = define({
  id: 'upgrade',
  label: 'Upgrade',
  what: 'A WebSocket handshake gets through, reaches the origin as a plain GET, is answered with an error, or hangs.',
  params: {
    how: {
      kind: 'choice',
      label: 'A handshake',
      default: 'strip',
      options: {
        pass: 'Gets through',
        strip: 'Reaches the origin as a plain GET',
        hang: 'Reaches the origin; the client never gets an answer',
        '400': '400 Bad Request',
        '403': '403 Forbidden',
        '404': '404 Not Found',
        '426': '426 Upgrade Required',
        '502': '502 Bad Gateway',
        fin: 'FIN without an answer',
      },
    },
    plain: {
      kind: 'choice',
      label: 'Any other request',
      default: 'pass',
      options: { pass: 'Gets through', '403': '403 Forbidden', '426': '426 Upgrade Required' },
    },
  },
  disabledParams: { how: 'pass', plain: 'pass' },
  summary: ({ how }) => (how === 'pass' || how === 'strip' || how === 'hang' ? HANDSHAKE[how] : 'Upgrade blocked'),
  layer: 'http',
  explain(method, { how, plain }) {
    const when = { on: 'open', ms: 0 } as const;
    if (method !== 'websocket') return endBy(when, plain);
    return how === 'strip' ? [{ kind: 'end', when, sees: null }] : endBy(when, how);
  },
});
