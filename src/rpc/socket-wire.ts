import { decode, encode } from './codec.ts';
import { WireListeners, type Wire } from './wire.ts';

/** What a browser's `WebSocket` and one of `ws` have in common. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string, written?: () => void): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', fn: (event: { data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', fn: () => void): void;
}

const CONNECTING = 0;
const OPEN = 1;
/** Above this many bytes not yet taken by the socket, the feed folds instead of sending. */
const CONGESTED_BYTES = 256 * 1024;

/** A wire over a WebSocket: one JSON text a message. What is sent before the socket opens leaves when it does. */
export function socketWire(socket: SocketLike): Wire {
  const listeners = new WireListeners();
  let unsent: string[] = [];
  let backlog: unknown[] | null = [];
  let waiting: (() => void)[] = [];
  const isCongested = (): boolean => socket.bufferedAmount > CONGESTED_BYTES;
  /** `ws` says when a message has been written; a browser's socket does not, and has no feed to hold back. */
  const onWritten = (): void => {
    if (isCongested() || waiting.length === 0) return;
    const relieved = waiting;
    waiting = [];
    for (const fn of relieved) fn();
  };
  socket.addEventListener('open', () => {
    for (const text of unsent) socket.send(text);
    unsent = [];
  });
  socket.addEventListener('message', (event) => {
    const message = typeof event.data === 'string' ? decode(event.data) : undefined;
    if (message === undefined) return; // not JSON: nothing our other end would say
    if (backlog) backlog.push(message);
    else listeners.deliver(message);
  });
  socket.addEventListener('close', () => listeners.close());
  socket.addEventListener('error', () => undefined); // a close follows
  return {
    send(message) {
      if (listeners.isClosed) return;
      if (socket.readyState === OPEN) socket.send(encode(message), onWritten);
      else if (socket.readyState === CONNECTING) unsent.push(encode(message));
    },
    listen(fn) {
      const cancel = listeners.listen(fn);
      const early = backlog ?? [];
      backlog = null;
      for (const message of early) listeners.deliver(message);
      return cancel;
    },
    closed: (fn) => listeners.closed(fn),
    get congested() {
      return isCongested();
    },
    relieved(fn) {
      if (isCongested()) waiting.push(fn);
      else fn();
    },
    close() {
      if (listeners.close()) socket.close(1000, 'closed');
    },
  };
}
