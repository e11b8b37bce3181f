import type { Fault } from './fault.ts';

/** What a proxy that ends TCP on both sides does: it has no reset to pass on to its client, only an end. */
export const softReset: Fault = {
  id: 'soft-reset',
  label: 'Soft reset',
  what: 'A connection that the server resets ends with FIN for the client, as if it had been closed.',
  params: {},
  short: () => 'resets become FIN',
  softens: true,
};
