import type { refuse as definition } from '../../../../shared/path/faults/refuse.ts';
import type { FaultImpl, CloseMode } from './fault.ts';

/** New connections are refused. Those already open live on. */
export const refuse: FaultImpl<typeof definition> = {
  refusesConnections: (params) => params.how === 'refused',
  accept(params, conn) {
    const { how } = params;
    // One accepted just before the listener closed is reset.
    const client: CloseMode = how === 'fin' ? 'fin' : how === 'hang' ? 'black-hole' : 'rst';
    conn.end({ client, server: 'fin', cause: 'refuse', detail: how });
  },
};
