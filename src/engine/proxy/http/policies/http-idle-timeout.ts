import { httpIdleTimeout as definition } from '../../../../shared/path/policies/http-idle-timeout.ts';
import type { Values } from '../../../../shared/path/definition.ts';
import type { Direction } from '../../tcp/faults/fault.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Exchange, PolicyImpl } from '../policy.ts';
import { isStatus, statusOf } from './status.ts';

type Params = Values<typeof definition>;

/**
 * The idle timers of an HTTP intermediary. One timer an exchange, set again only when it fires, so that bytes cost
 * nothing.
 */
export const httpIdleTimeout: PolicyImpl<typeof definition> = {
  watch(x, params) {
    const timer = new IdleTimer(x, params);
    return {
      byte: (dir) => {
        if (resetsTimer(x, dir, params.resets)) timer.reset();
      },
      phase: () => timer.startPhase(),
      stop: () => timer.stop(),
    };
  },
};

/** Whether bytes this way start the timer anew. */
function resetsTimer(x: Exchange, dir: Direction, resets: Params['resets']): boolean {
  // A request that is on its way is no silence.
  if (x.phase === 'waiting' && !x.requestComplete) return true;
  if (resets === 'client') return dir === 'up';
  if (resets === 'up') return dir === 'up' || x.phase !== 'tunnel';
  return dir === 'down' || resets === 'any';
}

class IdleTimer {
  #x: Exchange;
  #params: Params;
  #due = Infinity;
  #armedFor = Infinity;
  #cancel: () => void = () => {};

  constructor(x: Exchange, params: Params) {
    this.#x = x;
    this.#params = params;
  }

  get #limit(): number {
    const { after, websocket, poll, stream, ws, 'first-byte': firstByte } = this.#params;
    const { phase } = this.#x;
    if (phase === 'waiting') return poll === 'none' ? 0 : firstByte || after;
    if (phase === 'answering') return stream === 'none' ? 0 : after;
    if (phase === 'tunnel') return ws === 'none' ? 0 : websocket || after;
    return 0;
  }

  /** A limit of its own may begin with a phase; the bytes that began it have been counted already. */
  startPhase(): void {
    this.reset();
    this.#arm();
  }

  reset(): void {
    const limit = this.#limit;
    if (limit <= 0) this.#due = Infinity;
    else {
      const due = this.#x.clock.now() + limit;
      if (Math.abs(due - this.#due) < this.#params.lazy) return;
      this.#due = due;
      if (this.#armedFor === Infinity) this.#arm();
    }
  }

  #arm(): void {
    this.#cancel();
    this.#armedFor = this.#due;
    if (this.#due === Infinity) return;
    const least = this.#params['late-least'];
    const most = Math.max(least, this.#params.late);
    const soonest = least > 0 ? least : -this.#params.early;
    const share = this.#x.phase === 'answering' ? (this.#params['late-share'] / 100) * this.#limit : 0;
    const jitter = soonest + this.#x.random.next() * (most + share - soonest);
    const left = this.#due + jitter - this.#x.clock.now();
    this.#cancel = this.#x.clock.after(Math.max(0, left), () => {
      // Bytes have come meanwhile, or the timer fired a fraction of a millisecond before its time.
      if (this.#due > this.#armedFor || this.#x.clock.now() < this.#due + jitter) this.#arm();
      else this.#fire();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #fire(): void {
    const x = this.#x;
    const { poll, stalled, stream, held, ws, origin: server } = this.#params;
    const detail = `${durationText(this.#limit)} without a byte`;
    const why = { by: definition.id, cause: 'idle-limit', detail } as const;
    if (x.phase === 'waiting') {
      const own = this.#params['poll-origin'];
      const pollServer = own === 'same' ? server : own;
      if (!x.requestComplete && isStatus(stalled)) {
        return x.respond({ status: statusOf(stalled), close: true, server: pollServer, fired: why });
      }
      if (x.retryUpstream('silent')) return;
      if (isStatus(poll)) x.respond({ status: statusOf(poll), server: pollServer, fired: why });
      else if (poll !== 'none') x.end({ client: poll, server: pollServer, why });
    } else if (x.phase === 'answering') {
      if (!x.headSent && held === '404') {
        return x.respond({ status: 404, server, close: true, fired: why });
      }
      if (!x.headSent && held === 'poll' && poll !== 'none') {
        if (isStatus(poll)) x.respond({ status: statusOf(poll), server, fired: why });
        else x.end({ client: poll, server, withoutHead: true, why });
        return;
      }
      const client = stream === 'clean' ? 'clean' : stream === 'rst' ? 'rst' : 'fin';
      x.end({ client, server, withoutHead: !x.headSent && held === 'nothing', why });
    } else if (x.phase === 'tunnel' && ws !== 'none') {
      const own = this.#params['ws-origin'];
      x.end({ client: ws, server: own === 'same' ? server : own, why });
    }
  }
}
