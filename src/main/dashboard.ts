import { ipcMain, MessageChannelMain, type BrowserWindow, type MessagePortMain } from 'electron';
import type { Cancel, Clock } from '../shared/clock.ts';
import type { Lab } from '../engine/lab.ts';
import { portWire } from '../rpc/port-wire.ts';
import { serveEngine } from '../rpc/serve.ts';
import type { Opener } from './opener.ts';
import { isPageUrl } from './origin.ts';

/**
 * A page that asks gets one port to the engine and one to the shell; asking again closes those before, so that a page is
 * served once.
 * Whoever is not the main frame of our own window, on our own address, hears nothing.
 * @param ready resolves when the lab has started
 */
export function serveDashboard(
  lab: Lab,
  ready: Promise<void>,
  clock: Clock,
  window: () => BrowserWindow | undefined,
  opener: Pick<Opener, 'pageListens'>,
  shell: { connect(): MessagePortMain },
): void {
  let end: Cancel | null = null;
  ipcMain.on('heartline:connect', (event) => {
    const { sender, senderFrame: frame } = event;
    if (!frame || sender !== window()?.webContents || frame !== sender.mainFrame || !isPageUrl(frame.url)) return;
    const serve = (): void => {
      // closed, crashed or gone on to another document meanwhile: nobody is there to take a port
      if (sender.isDestroyed() || frame !== sender.mainFrame) return;
      end?.();
      const { port1, port2 } = new MessageChannelMain();
      end = serveEngine(lab, portWire(port1), clock);
      frame.postMessage('heartline:port', null, [port2, shell.connect()]);
      opener.pageListens();
    };
    ready.then(serve, () => {}); // a lab that does not start ends the app
  });
}
