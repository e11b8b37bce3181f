import { wsMessageLimit as definition } from '../../../../shared/path/policies/ws-message-limit.ts';
import { sizeText } from '../../../../shared/path/quantity-text.ts';
import type { PolicyImpl } from '../policy.ts';
import { WebSocketSizes } from '../websocket-sizes.ts';

/** A WebSocket message that is too big ends the connection with close 1009 (RFC 6455, 7.4.1). */
export const wsMessageLimit: PolicyImpl<typeof definition> = {
  watch(x, params) {
    if (x.upgrade === null) return;
    const limit = (what: string, length: number, most: number): void => {
      if (most === 0 || length <= most) return;
      const why = { by: definition.id, cause: 'too-big', detail: `a ${what} over ${sizeText(most)}` } as const;
      x.end({ client: 'close-1009', server: 'fin', why });
    };
    const ways = {
      up: new WebSocketSizes((frame, message) => {
        limit('message', message, params.bytes);
        limit('frame', frame, params.frame);
      }),
      down: new WebSocketSizes((_frame, message) => limit('message', message, params.bytes)),
    };
    return { tunnel: (dir, bytes) => ways[dir].read(bytes), stop() {} };
  },
};
