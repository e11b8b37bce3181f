import { connectEngine, type EngineConnection, type FeedHandlers } from '../../rpc/client.ts';
import { portWire } from '../../rpc/port-wire.ts';
import { socketWire } from '../../rpc/socket-wire.ts';
import type { Connect } from './connection.ts';
import { pageKey } from './page-key.ts';

/** The desktop hands over a port; anywhere else the page's own origin serves `/rpc`. */
export const connectToHost: Connect = (handlers) =>
  window.desktop ? connectOverPort(handlers) : connectOverSocket(handlers);

const PORT_TIMEOUT_MS = 10_000;

async function connectOverPort(handlers: FeedHandlers): Promise<EngineConnection> {
  const port = await new Promise<MessagePort>((resolve, reject) => {
    const timeout = setTimeout(() => {
      window.removeEventListener('message', onMessage);
      reject(new Error('The window was given no port to the engine.'));
    }, PORT_TIMEOUT_MS);
    const onMessage = (event: MessageEvent): void => {
      if (event.source !== window || event.data !== 'heartline:port' || !event.ports[0]) return;
      clearTimeout(timeout);
      window.removeEventListener('message', onMessage);
      resolve(event.ports[0]);
    };
    window.addEventListener('message', onMessage);
    window.desktop!.connect();
  });
  return connectEngine(portWire(port), handlers);
}

async function connectOverSocket(handlers: FeedHandlers): Promise<EngineConnection> {
  const key = pageKey();
  if (key === null) throw new Error('Open the address that Heartline printed in its terminal: it lets this page in.');
  const url = new URL('/rpc', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url, ['heartline', `key.${key}`]);
  socket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('The engine does not answer.')), { once: true });
    socket.addEventListener('close', () => reject(new Error('The engine does not let this page in.')), { once: true });
  });
  return connectEngine(socketWire(socket), handlers);
}
