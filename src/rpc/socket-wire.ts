import { decode, encode } from './codec.ts';
import { WireEnds, type Wire } from './wire.ts';

/** What a browser's `WebSocket` and one of `ws` have in common. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', fn: (event: { data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', fn: () => void): void;
}

const CONNECTING = 0;
const OPEN = 1;
/** Above this many bytes not yet taken by the socket, the feed folds instead of sending. */
const CONGESTED_BYTES = 1024 * 1024;

/** A wire over a WebSocket: one JSON text a message. What is sent before the socket opens leaves when it does. */
export function socketWire(socket: SocketLike): Wire {
  const ends = new WireEnds();
  let early: string[] = [];
  let backlog: unknown[] | null = [];
  socket.addEventListener('open', () => {
    for (const text of early) socket.send(text);
    early = [];
  });
  socket.addEventListener('message', (event) => {
    const message = typeof event.data === 'string' ? decode(event.data) : undefined;
    if (message === undefined) return; // not JSON: nothing our other end would say
    if (backlog) backlog.push(message);
    else ends.arrived(message);
  });
  socket.addEventListener('close', () => ends.end());
  socket.addEventListener('error', () => undefined); // a close follows
  return {
    send(message) {
      if (ends.isClosed) return;
      if (socket.readyState === OPEN) socket.send(encode(message));
      else if (socket.readyState === CONNECTING) early.push(encode(message));
    },
    listen(fn) {
      const cancel = ends.listen(fn);
      const waiting = backlog ?? [];
      backlog = null;
      for (const message of waiting) ends.arrived(message);
      return cancel;
    },
    closed: (fn) => ends.closed(fn),
    get congested() {
      return socket.bufferedAmount > CONGESTED_BYTES;
    },
    close() {
      if (ends.end()) socket.close(1000, 'closed');
    },
  };
}
