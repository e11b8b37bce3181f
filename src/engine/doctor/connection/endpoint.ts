import type { Method } from '../../../shared/catalog.ts';
import { EndpointClient } from '../../client/endpoint/endpoint-client.ts';

/** Who asks with these headers and this body; cookies that are set stay with the connection. */
export const endpointOf = (method: Method, headers: Record<string, string>, body: string | null): EndpointClient =>
  new EndpointClient({
    target: {
      kind: 'remote',
      name: '',
      base: null,
      urls: {},
      channel: '',
      dialect: '',
      headers,
      ...(body === null || method === 'websocket' ? {} : { body }),
    },
    method,
    token: null,
    values: () => null,
    dialectHasToken: false,
  });
