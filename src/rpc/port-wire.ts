import { WireEnds, type Wire } from './wire.ts';

/** A DOM (or Node) `MessagePort`. */
export interface EventTargetPort {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', fn: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', fn: () => void): void;
  start?(): void;
  close(): void;
}

/** Electron's `MessagePortMain`. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  on(type: 'message', fn: (event: { data: unknown }) => void): unknown;
  on(type: 'close', fn: () => void): unknown;
  start?(): void;
  close(): void;
}

/** A browser's port says nothing when its other end closes, so the closing end says so itself. */
const BYE = 'heartline:bye';

/** A wire over a MessagePort: messages cross by structured clone. There is no back-pressure; the feed's acks are it. */
export function portWire(port: EventTargetPort | EmitterPort): Wire {
  const ends = new WireEnds();
  const message = (event: { data: unknown }): void => {
    if (event.data === BYE) {
      if (ends.end()) port.close();
    } else ends.arrived(event.data);
  };
  const close = (): void => void ends.end();
  if ('addEventListener' in port) {
    port.addEventListener('message', message);
    port.addEventListener('close', close);
  } else {
    port.on('message', message);
    port.on('close', close);
  }
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
