import type { Policy } from '../policy.ts';

/** What becomes of a request to switch protocols, as WebSocket makes it. */
export const upgrade: Policy = {
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
  summary: (params) =>
    ({ pass: 'Upgrade passed', strip: 'Upgrade stripped', hang: 'Upgrade hangs' })[String(params['how'])] ??
    'Upgrade blocked',
  http: {
    request(x, params) {
      const how = String(params['how']);
      if (x.upgrade === null && params['plain'] !== 'pass') {
        const fired = { by: upgrade.id, cause: 'refuse', detail: 'no Upgrade was asked for' } as const;
        return x.respond({ status: Number(params['plain']), server: 'none', fired });
      }
      if (x.upgrade === null || how === 'pass' || how === 'hang') return;
      const fired = { by: upgrade.id, cause: 'refuse', detail: 'the Upgrade was blocked' } as const;
      if (how === 'strip') x.upgrade = null;
      else if (Number(how) > 0) x.respond({ status: Number(how), server: 'none', fired });
      else x.end({ client: 'fin', server: 'none', why: fired });
    },
    response(x, params) {
      if (x.response?.status === 101 && params['how'] === 'hang') x.discardResponse();
    },
  },
};
