import type { OpenedInPage } from '../../shared/opened.ts';

/** Things that the desktop was asked to open come as messages of this window, as its port does. */
export function onOpenedByHost(open: (what: OpenedInPage) => void): void {
  if (!window.desktop) return;
  window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== window || typeof data !== 'object' || data === null || !('heartline:open' in data)) return;
    open(data['heartline:open'] as OpenedInPage); // cast: only our own main process and our own scripts can post here
  });
}
