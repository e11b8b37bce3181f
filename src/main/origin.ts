import { app } from 'electron';

/** The page's own scheme: a real origin, unlike file:, and nothing of the network behind it. */
export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://bundle`;

/** While developing, electron-vite serves the page from here. A packaged app does not listen to it. */
export function devServer(): string | null {
  return app.isPackaged ? null : (process.env['ELECTRON_RENDERER_URL'] ?? null);
}

/** Whether an address is the page's own. Compared part by part: `app://bundle.evil` only begins like it. */
export function isPageUrl(address: string): boolean {
  const dev = devServer();
  try {
    const url = new URL(address);
    if (dev !== null && url.origin === new URL(dev).origin) return true;
    return url.protocol === `${SCHEME}:` && url.host === 'bundle';
  } catch {
    return false;
  }
}
