import type { Fault, CloseMode } from './fault.ts';

/** New connections are refused. Those already open live on. */
export const refuse: Fault = {
  id: 'refuse',
  label: 'Refuse',
  what: 'New connections fail; those already open live on.',
  params: {
    how: {
      kind: 'choice',
      label: 'How',
      default: 'refused',
      options: {
        refused: 'Connection refused: nobody listens',
        rst: 'Accepted, then RST',
        fin: 'Accepted, then FIN',
        hang: 'Accepted, then never a word',
      },
    },
  },
  summary: (params) => (params['how'] === 'hang' ? 'new connections hang' : 'new connections refused'),
  refusesConnections: (params) => params['how'] === 'refused',
  accept(params, conn) {
    const how = String(params['how']);
    // One accepted just before the listener closed is reset.
    const client: CloseMode = how === 'fin' ? 'fin' : how === 'hang' ? 'black-hole' : 'rst';
    conn.end({ client, server: 'fin', cause: 'refuse', detail: how });
  },
};
