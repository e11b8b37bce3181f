import type { Fault, SideEnd } from './fault.ts';

/** Nobody answers the door. Connections that are already open live on. */
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
  short: (params) => (params['how'] === 'hang' ? 'new connections hang' : 'new connections refused'),
  refuses: (params) => params['how'] === 'refused',
  accept(params, conn) {
    const how = String(params['how']);
    // One that slipped in before the door was shut is reset.
    const client: SideEnd = how === 'fin' ? 'fin' : how === 'hang' ? 'black-hole' : 'rst';
    conn.end({ client, server: 'fin', cause: 'refuse', detail: how });
  },
};
