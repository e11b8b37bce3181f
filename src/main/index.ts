import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { app, dialog, nativeTheme, type BrowserWindow } from 'electron';
import { failureData, failureText, messageOf } from '../shared/failure.ts';
import { realClock } from '../engine/time/clock.ts';
import { Lab } from '../engine/lab.ts';
import { registerBundle, serveBundle } from './bundle.ts';
import { serveDashboard } from './dashboard.ts';
import { setMenu } from './menu.ts';
import { denyPermissions } from './permissions.ts';
import { notePower } from './power.ts';
import { readSettings, writeSettings, type Settings } from './settings.ts';
import { UpdateDialogs } from './updates/update-dialogs.ts';
import { bringForward, openWindow } from './window.ts';

/** How long recordings and connections may take to close when the app quits. */
const QUIT_TIMEOUT_MS = 3000;

// Another place for settings and recordings; two places are two apps side by side.
const dataDir = process.env['HEARTLINE_DATA_DIR'];
if (dataDir) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  app.setPath('userData', resolve(dataDir));
}

app.enableSandbox();
registerBundle();
if (app.requestSingleInstanceLock()) run();
else app.quit();

/** `--record FILE`, as the browser host has it. Electron's and Chromium's own switches stand beside it. */
function recordFile(): string | null {
  const { values } = parseArgs({ args: process.argv.slice(1), options: { record: { type: 'string' } }, strict: false });
  return typeof values.record === 'string' ? resolve(values.record) : null;
}

function run(): void {
  const settingsFile = join(app.getPath('userData'), 'settings.json');
  const read = readSettings(settingsFile);
  let settings = read.settings;
  const change = (part: Partial<Settings>): void => {
    settings = { ...settings, ...part };
    try {
      writeSettings(settingsFile, settings);
    } catch (error) {
      console.error(`${settingsFile} cannot be written: ${messageOf(error)}`);
    }
  };
  nativeTheme.themeSource = settings.theme;

  const lab = new Lab({
    host: 'electron',
    version: app.getVersion(),
    dataDir: app.getPath('userData'),
    record: recordFile(),
  });
  let window: BrowserWindow | undefined;
  const open = (): void => {
    const opened = openWindow(settings.window, (place) => change({ window: place }));
    window = opened;
    opened.once('closed', () => {
      if (window === opened) window = undefined;
    });
  };

  app.on('second-instance', () => window && bringForward(window));
  app.on('activate', () => void (window ?? (app.isReady() && open())));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });

  void app.whenReady().then(() => {
    // The window opens while the lab starts; the page's first request waits for the server's port.
    const started = lab.start();
    serveBundle(() =>
      started.then(
        () => lab.serverUrl,
        () => null,
      ),
    );
    denyPermissions();
    const updates = new UpdateDialogs(realClock());
    const drawMenu = (): void =>
      setMenu(
        settings.theme,
        (theme) => {
          nativeTheme.themeSource = theme;
          change({ theme });
        },
        {
          choice: settings.updates,
          choose: (choice) => {
            change({ updates: updates.choose(choice) });
            drawMenu(); // the tick shows what is in force
          },
          look: () => void updates.look({ asked: true }),
        },
      );
    if (settings.updates !== 'off') change({ updates: updates.choose(settings.updates) });
    drawMenu();
    notePower(lab);
    serveDashboard(lab, started, realClock(), () => window);
    open();
    started.catch((error: unknown) => {
      dialog.showErrorBox('Heartline cannot start', failureText(failureData(error)));
      app.exit(3);
    });
    if (read.problem !== null) {
      console.error(read.problem);
      void dialog.showMessageBox({
        type: 'warning',
        title: 'Heartline',
        message: 'Heartline starts with fresh settings.',
        detail: read.problem,
      });
    }
  });

  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void Promise.race([lab.close(), realClock().sleep(QUIT_TIMEOUT_MS)])
      .catch((error: unknown) => console.error(failureText(failureData(error))))
      .finally(() => {
        closed = true;
        app.quit();
      });
  });
}
