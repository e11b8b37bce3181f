import { NEVER_CONGESTED, WireListeners, type Wire } from './wire.ts';

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
const CLOSE_MESSAGE = 'heartline:bye';

/** A wire over a MessagePort: messages cross by structured clone. There is no back-pressure; the feed's acks are it. */
export function portWire(port: EventTargetPort | EmitterPort): Wire {
  const listeners = new WireListeners();
  const message = (event: { data: unknown }): void => {
    if (event.data === CLOSE_MESSAGE) {
      if (listeners.close()) port.close();
    } else listeners.deliver(event.data);
  };
  const close = (): void => void listeners.close();
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
      if (!listeners.isClosed) port.postMessage(message);
    },
    listen(fn) {
      const cancel = listeners.listen(fn);
      // Until somebody listens, messages wait in the port.
      if (!started) port.start?.();
      started = true;
      return cancel;
    },
    closed: (fn) => listeners.closed(fn),
    ...NEVER_CONGESTED,
    close() {
      if (listeners.isClosed) return;
      port.postMessage(CLOSE_MESSAGE);
      listeners.close();
      port.close();
    },
  };
}
