import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen, shell } from 'electron';
import { devServer, isPageUrl, ORIGIN } from './origin.ts';
import { placeWindow, MIN_SIZE, type Rect, type WindowBounds } from './window-bounds.ts';

/** The page's own window colour in each theme: what is shown before it has drawn must not flash. */
const BACKGROUND = { dark: '#0d0f12', light: '#f1f2f5' };

const background = (): string => (nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light);

/** @param remember told the window's place after each change, at most twice a second, and at its close */
export function openWindow(remembered: WindowBounds | null, remember: (place: WindowBounds) => void): BrowserWindow {
  const { maximized, ...bounds } = placeWindow(workAreas(), remembered);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'Heartline',
    show: false,
    backgroundColor: background(),
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false, // its dictionaries would come from elsewhere
      // ribbons and countdowns go on while the window is behind others; see throttleWhileHidden
      backgroundThrottling: false,
    },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  lockNavigation(window);
  throttleWhileHidden(window);
  keepOnDisplays(window);
  rememberBounds(window, remember);
  const follow = (): void => window.setBackgroundColor(background());
  nativeTheme.on('updated', follow);
  window.once('closed', () => nativeTheme.off('updated', follow));
  // A navigation that is cut short by a close rejects: nobody is left to tell.
  void window.loadURL(devServer() ?? `${ORIGIN}/index.html`).catch(() => {});
  return window;
}

export function bringForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  if (!window.isVisible()) window.show();
  window.focus();
}

function workAreas(): WindowBounds[] {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  return [primary, ...others].map((display) => ({ ...display.workArea, maximized: false }));
}

/** Nobody looks: the page draws nothing, and its timers take turns of a second. The engine is not the page's, and goes on. */
function throttleWhileHidden(window: BrowserWindow): void {
  const throttle = (): void => window.webContents.setBackgroundThrottling(true);
  const run = (): void => window.webContents.setBackgroundThrottling(false);
  window.on('hide', throttle).on('minimize', throttle).on('show', run).on('restore', run);
}

/**
 * A display that goes takes no window with it, and gets it back when it returns, unless it was moved meanwhile. Also a display
 * that only becomes smaller.
 */
function keepOnDisplays(window: BrowserWindow): void {
  let moved: { from: Rect; to: Rect } | null = null;
  const settle = (): void => {
    if (window.isDestroyed() || window.isMaximized() || window.isFullScreen()) return;
    const now = window.getNormalBounds();
    const wanted = moved && sameRect(now, moved.to) ? moved.from : now;
    const { maximized: _, ...place } = placeWindow(workAreas(), { ...wanted, maximized: false });
    if (sameRect(place, now)) return;
    window.setBounds(place);
    moved = { from: wanted, to: window.getNormalBounds() };
  };
  const CHANGES = ['display-added', 'display-removed', 'display-metrics-changed'] as const;
  for (const change of CHANGES) screen.on(change as 'display-added', settle); // cast: one listener for all three
  window.once('closed', () => {
    for (const change of CHANGES) screen.off(change as 'display-added', settle); // cast: as above
  });
}

const sameRect = (a: Rect, b: Rect): boolean =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

/** The page goes nowhere else and opens nothing; a link to the web is the system browser's. */
function lockNavigation(window: BrowserWindow): void {
  const { webContents } = window;
  webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url);
    return { action: 'deny' };
  });
  const blockForeign = (event: { preventDefault(): void }, url: string): void => {
    if (!isPageUrl(url)) event.preventDefault();
  };
  webContents.on('will-navigate', blockForeign).on('will-redirect', blockForeign);
  webContents.on('will-attach-webview', (event) => event.preventDefault());
}

function rememberBounds(window: BrowserWindow, remember: (place: WindowBounds) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const note = (): void => {
    clearTimeout(timer);
    // The place it would go back to, not the whole screen it fills at the moment.
    remember({ ...window.getNormalBounds(), maximized: window.isMaximized() });
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(note, 500);
  };
  window.on('move', soon).on('resize', soon).on('maximize', soon).on('unmaximize', soon).on('close', note);
  window.once('closed', () => clearTimeout(timer));
}
