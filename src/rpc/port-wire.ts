import { WireEnds, type Wire } from './wire.ts';

/** A DOM (or Node) `MessagePort`. */
export interface EventTargetPort {
  postMessage(message: unknown): void;
  addEventListener(type: string, fn: (event: { data?: unknown }) => void): void;
  start?(): void;
  close(): void;
}

/** Electron's `MessagePortMain`. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  on(type: string, fn: (event: { data?: unknown }) => void): unknown;
  start?(): void;
  close(): void;
}

/** A browser's port says nothing when its other end closes, so the closing end says so itself. */
const BYE = 'heartline:bye';

/** A wire over a MessagePort: messages cross by structured clone. There is no back-pressure; the feed's acks are it. */
export function portWire(port: EventTargetPort | EmitterPort): Wire {
  const ends = new WireEnds();
  const on = (type: string, fn: (event: { data?: unknown }) => void): void => {
    if ('addEventListener' in port) port.addEventListener(type, fn);
    else port.on(type, fn);
  };
  on('message', (event) => {
    if (event.data === BYE) {
      if (ends.end()) port.close();
    } else ends.arrived(event.data);
  });
  on('close', () => ends.end());
  let started = false;
  return {
    send(message) {
      if (!ends.isClosed) port.postMessage(message);
    },
    listen(fn) {
      const cancel = ends.listen(fn);
      // Until somebody listens, messages wait in the port.
      if (!started) port.start?.();
      started = true;
      return cancel;
    },
    closed: (fn) => ends.closed(fn),
    congested: false,
    close() {
      if (ends.isClosed) return;
      port.postMessage(BYE);
      ends.end();
      port.close();
    },
  };
}
