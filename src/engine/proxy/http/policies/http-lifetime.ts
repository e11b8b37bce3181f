import { httpLifetime as definition } from '../../../../shared/path/policies/http-lifetime.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { PolicyImpl } from '../policy.ts';
import { isStatus, statusOf } from './status.ts';

/** A limit on how long a request may take as a whole, heartbeats or not. */
export const httpLifetime: PolicyImpl<typeof definition> = {
  watch(x, params) {
    const { after, poll, stream, held, ws, origin: server } = params;
    if (after <= 0) return;
    const own = params.websocket || after;
    const end = (age: number): void => {
      const why = { by: definition.id, cause: 'close-after', detail: `${durationText(age)} old` } as const;
      const waits = x.phase === 'waiting' || (x.phase === 'answering' && !x.headSent && held === 'poll');
      if (waits && poll !== 'none') {
        if (isStatus(poll)) x.respond({ status: statusOf(poll), server, fired: why });
        else x.end({ client: poll, server, withoutHead: true, why });
      } else if (x.phase === 'answering' && stream !== 'none') {
        x.end({ client: stream === 'aborted' ? 'fin' : stream, server, why });
      } else if (x.phase === 'tunnel' && ws !== 'none') x.end({ client: ws, server, why });
    };
    const stops = [x.clock.after(after, () => (x.phase !== 'tunnel' || own === after) && end(after))];
    if (own !== after) stops.push(x.clock.after(own, () => x.phase === 'tunnel' && end(own)));
    return { stop: () => stops.forEach((stop) => stop()) };
  },
};
