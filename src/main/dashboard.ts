import { ipcMain, MessageChannelMain, type BrowserWindow } from 'electron';
import type { Clock } from '../shared/clock.ts';
import type { Lab } from '../engine/lab.ts';
import { portWire } from '../rpc/port-wire.ts';
import { serveEngine } from '../rpc/serve.ts';
import { isOurs } from './origin.ts';

/**
 * A page that asks gets one port to the engine; asking again closes the port before, so that a page is served once.
 * Whoever is not the main frame of our own window, on our own address, hears nothing.
 */
export function serveDashboards(lab: Lab, ready: Promise<void>, clock: Clock, window: () => BrowserWindow | undefined): void {
  let current: { close(): void } | null = null;
  ipcMain.on('heartline:connect', (event) => {
    const frame = event.senderFrame;
    if (!frame || event.sender !== window()?.webContents || frame !== event.sender.mainFrame || !isOurs(frame.url)) return;
    void ready.then(() => {
      if (event.sender.isDestroyed()) return;
      current?.close();
      const { port1, port2 } = new MessageChannelMain();
      const wire = portWire(port1);
      current = wire;
      serveEngine(lab, wire, clock);
      event.sender.mainFrame.postMessage('heartline:port', null, [port2]);
    });
  });
}
