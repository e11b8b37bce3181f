import type { ClosedInfo, CloseMode } from '../tcp/faults/fault.ts';
import type { ActivePolicies } from './active-policies.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ExchangeState } from './exchange-state.ts';
import { field } from './message.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { Exchange, CloseFrame, ExchangeEnding, ExchangeWatcher, SyntheticResponse } from './policy.ts';
import type { ResponseWriter } from './response-writer.ts';
import { encodeResponse } from './synthetic-response.ts';

/** What becomes of either side as an exchange ends. */
interface Sides {
  /** `release`: free for another request where it can be; `destroy`: at once, in no way at all. */
  upstream: CloseMode | 'none' | 'release' | 'destroy';
  /** `keep`: for another request; `none`: it is not for the exchange to say. */
  client: CloseMode | 'keep' | 'none';
  closed?: ClosedInfo | null;
  by?: string | undefined;
}

/** What an exchange is made of. */
export interface ExchangeParts {
  x: Exchange;
  state: ExchangeState;
  client: ClientConnection;
  policies: ActivePolicies;
  outgoing: OutgoingRequest;
  writer: ResponseWriter;
  watchers: ExchangeWatcher[];
  write(bytes: Uint8Array): void;
}

/** Close frames: going away, and a message too big (RFC 6455, 7.4.1). */
const CLOSE_FRAMES: Record<CloseFrame, Buffer> = {
  'close-1000': Buffer.from([0x88, 0x02, 0x03, 0xe8]),
  'close-1001': Buffer.from([0x88, 0x02, 0x03, 0xe9]),
  'close-1009': Buffer.from([0x88, 0x02, 0x03, 0xf1]),
  'close-1011': Buffer.from([0x88, 0x02, 0x03, 0xf3]),
};

const isCloseFrame = (client: ExchangeEnding['client']): client is CloseFrame => client in CLOSE_FRAMES;

/** How an exchange comes to its end: in several ways, and all of them through `#finish`. */
export class ExchangeEnd {
  /** How the client has left, where it has. */
  clientLeft: 'fin' | 'rst' | null = null;
  #parts: ExchangeParts;
  #callbacks: (() => void)[] = [];

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** The answer of the origin is whole. */
  complete(): void {
    this.#finish({ upstream: 'release', client: this.#mayKeep('origin') ? 'keep' : 'fin' });
  }

  /** An answer of the intermediary's own. */
  respond(response: SyntheticResponse): void {
    const { x, state, client, policies, write } = this.#parts;
    if (!state.allows('respond')) return;
    const { status, close = false, server, fired } = response;
    if (fired) {
      const { by, ...why } = fired;
      client.faultFired(policies.stepOf(by), { client: 'fin', server, clientGot: String(status), ...why });
    }
    const keep = !close && this.#mayKeep('proxy');
    write(encodeResponse(response, { method: x.request.method, keep, policies }));
    this.#finish({ upstream: server, client: keep ? 'keep' : 'fin' }, 'respond');
  }

  /** Before its time. */
  end({ client, server, flush = false, close = false, withoutHead = false, why }: ExchangeEnding): void {
    const { x, state, writer, policies, client: connection } = this.#parts;
    if (!state.allows('end')) return;
    if (flush) writer.flush();
    if (!withoutHead && state.phase === 'answering') writer.sendHead();
    const closeFrame = isCloseFrame(client) && state.phase === 'tunnel' ? client : null;
    if (closeFrame) connection.write(CLOSE_FRAMES[closeFrame]);
    const mode: CloseMode = client === 'clean' || isCloseFrame(client) ? 'fin' : client;
    const clientGot = closeFrame ? { clientGot: closeFrame.replace('-', ' ') } : {};
    const closed: ClosedInfo | null = why
      ? { client: mode, server, cause: why.cause, detail: why.detail, ...clientGot }
      : null;
    if (client === 'clean' && state.phase === 'answering' && writer.finish()) {
      if (closed) connection.faultFired(policies.stepOf(why?.by), { ...closed, clientGot: 'clean end' });
      const keep = writer.keepAlive && x.requestComplete && !close;
      return this.#finish({ upstream: server, client: keep ? 'keep' : 'fin' });
    }
    this.#finish({ upstream: server, client: this.clientLeft ?? mode, closed, by: why?.by });
  }

  /** RFC 9112, 6.3: what came is no answer. It is thrown away, and no part of it looks whole. */
  rejectResponse(): void {
    const { x, state } = this.#parts;
    if (state.allows('respond')) return this.respond({ status: 502, close: true, server: 'fin' });
    const endsWithConnection = x.request.version === '1.0' && field(x.response!, 'content-length') === undefined;
    this.end({ client: endsWithConnection ? 'rst' : 'fin', server: 'fin', flush: true });
  }

  /** The client is gone, and the origin hears of it. */
  abort(as: 'fin' | 'rst'): void {
    this.#finish({ upstream: as, client: this.clientLeft === 'rst' ? 'rst' : 'fin' });
  }

  /** One side of a tunnel has ended. */
  endTunnel(mode: 'fin' | 'rst'): void {
    this.#finish({ upstream: mode, client: mode });
  }

  /** The connection is gone from under it. */
  drop(upstream: CloseMode | 'destroy'): void {
    this.#finish({ upstream, client: 'none' });
  }

  onceOver(fn: () => void): void {
    if (this.#parts.state.phase === 'over') fn();
    else this.#callbacks.push(fn);
  }

  #mayKeep(after: 'origin' | 'proxy'): boolean {
    const { x, writer, policies } = this.#parts;
    return writer.keepAlive && x.requestComplete && policies.keepAliveMs(after) !== 0;
  }

  /** What runs beside the exchange stops, then either side gets what it is to see. */
  #finish({ upstream, client, closed = null, by }: Sides, event: 'end' | 'respond' = 'end'): void {
    const { state, writer, watchers, outgoing, policies, client: connection } = this.#parts;
    if (!state.step(event)) return;
    writer.drop();
    for (const watch of watchers.splice(0)) watch.stop();
    for (const callback of this.#callbacks.splice(0)) callback();
    if (upstream === 'destroy') outgoing.destroy();
    else if (upstream === 'release') outgoing.release();
    else outgoing.close(upstream);
    if (client === 'none') return;
    if (client !== 'keep') return connection.endClient(this.clientLeft ?? client, closed, policies.stepOf(by));
    if (this.clientLeft) return connection.endClient(this.clientLeft, null);
    connection.exchangeFinished(() =>
      policies.idle((why, step) => connection.endClient('fin', { client: 'fin', server: 'fin', ...why }, step)),
    );
  }
}
