import { app, nativeTheme, type BrowserWindow } from 'electron';
import { failureData, failureText, messageOf } from '../shared/failure.ts';
import { fieldOf } from '../shared/guards.ts';
import { realClock } from '../engine/time/clock.ts';
import { Lab } from '../engine/lab.ts';
import { readArguments, type Arguments } from './arguments.ts';
import { Boxes } from './boxes.ts';
import { serveBundle } from './bundle.ts';
import { serveDashboard } from './dashboard.ts';
import { lacksOf } from './machine.ts';
import { Manners } from './manners/manners.ts';
import { setMenu } from './menu.ts';
import { Opener } from './opener.ts';
import { denyPermissions, fetchNoDictionaries } from './permissions.ts';
import { notePower } from './power.ts';
import { watchProcesses } from './processes.ts';
import { closeBeforeQuit } from './quit.ts';
import { sessionBus } from './session-bus.ts';
import { startLab } from './start-lab.ts';
import { readSettings, writeSettings, type Settings } from './settings.ts';
import { UpdateDialogs } from './updates/update-dialogs.ts';
import { confirmCommand } from './confirm-command.ts';
import { keychain } from './keychain.ts';
import { bringForward, openWindow } from './window.ts';

export interface Places {
  dataDir: string;
  settingsFile: string;
  /** Why nothing can be kept there; null when it can. */
  unwritable: string | null;
}

/** The app, from the first instance's start to its quit. */
export function runApp({ dataDir, settingsFile, unwritable }: Places, asked: Arguments): void {
  const boxes = new Boxes();
  const read = readSettings(settingsFile);
  let settings = read.settings;
  let toldUnwritable = unwritable !== null;
  const change = (part: Partial<Settings>): void => {
    settings = { ...settings, ...part };
    try {
      writeSettings(settingsFile, settings);
    } catch (error) {
      if (toldUnwritable) return; // once is enough: a window that is moved is a change, too
      toldUnwritable = true;
      void boxes.tell({ message: 'The settings cannot be kept.', detail: `${settingsFile}: ${messageOf(error)}` });
    }
  };
  nativeTheme.themeSource = settings.theme;

  const lab = new Lab({
    host: 'electron',
    version: app.getVersion(),
    dataDir,
    keychain,
    confirmCommand: (command, endpoint) => confirmCommand(command, endpoint, () => window),
    ...(asked.serverPort !== null && { serverPort: asked.serverPort }),
  });
  let window: BrowserWindow | undefined;
  let manners: Manners | undefined;
  const opener = new Opener(boxes, () => window);
  opener.watchSystem();
  const open = (): void => {
    const opened = openWindow(settings.window, (place) => change({ window: place }));
    window = opened;
    opened.once('closed', () => {
      if (window === opened) window = undefined;
    });
    opened.webContents.on('did-start-loading', () => opener.pageLoads());
    opened.once('show', () => process.stdout.write('Heartline is open.\n'));
  };

  const show = (): void => (window ? bringForward(window) : void (app.isReady() && open()));

  /** What this start, or a later one, was given. */
  const take = ({ open: given, problems }: Arguments): void => {
    for (const problem of problems) void boxes.tell({ message: problem });
    void opener.open(given);
  };
  app.on('second-instance', (_event, _argv, _cwd, handed) => {
    show();
    take(handedOver(handed));
  });
  app.on('activate', () => void (window ?? (app.isReady() && open())));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && manners?.staysInTray !== true) app.quit();
  });

  let started: Promise<void> = Promise.resolve();
  const quit = closeBeforeQuit(boxes, async () => {
    await started.catch(() => {});
    await lab.close();
  });
  watchProcesses(boxes, (notice) => {
    if (!quit.begun) lab.note(notice);
  });

  void app.whenReady().then(() => {
    manners = new Manners({
      lab,
      clock: realClock(),
      choices: settings.desktop,
      keep: (desktop) => change({ desktop }),
      bus: process.platform !== 'linux' || sessionBus(process.env) !== null,
      window: () => window,
      show,
      onCommands: () => drawMenu(),
    });
    // The window opens while the lab starts; the page's first request waits for the server's port.
    started = startLab(lab, asked, boxes);
    serveBundle(() =>
      started.then(
        () => lab.serverUrl,
        () => lab.serverUrl,
      ),
    );
    denyPermissions();
    fetchNoDictionaries();
    const updates = new UpdateDialogs(realClock());
    const drawMenu = (): void =>
      setMenu(
        settings.theme,
        (theme) => {
          nativeTheme.themeSource = theme;
          change({ theme });
          manners?.run('theme-system'); // the page, too, follows what was just chosen
        },
        {
          choice: settings.updates,
          choose: (choice) => {
            change({ updates: updates.choose(choice) });
            drawMenu(); // the tick shows what is in force
          },
          look: () => void updates.look({ asked: true }),
        },
        { commands: manners?.commands ?? [], run: (id) => manners?.run(id) },
      );
    if (settings.updates !== 'off') change({ updates: updates.choose(settings.updates) });
    drawMenu();
    notePower(lab, () => Date.now());
    serveDashboard(lab, started, realClock(), () => window, opener, manners);
    open();
    started.catch(async (error: unknown) => {
      if (quit.begun) return; // ended while it started: nobody is waiting for it
      await boxes.tell({ message: 'Heartline cannot start.', detail: failureText(failureData(error)) }, 'error');
      app.exit(3);
    });
    take(asked);
    if (unwritable !== null) {
      void boxes.tell({
        message: 'Nothing can be kept this time.',
        detail: `${dataDir}: ${unwritable}\n\nHeartline runs, and what is there is read. New settings, endpoints, paths and recordings are not written.`,
      });
    }
    if (read.problem !== null)
      void boxes.tell({ message: 'Heartline starts with fresh settings.', detail: read.problem });
    void tellLacks();
  });

  /** Once for each: who has read what is missing knows. */
  async function tellLacks(): Promise<void> {
    const lacks = (await lacksOf()).filter(({ id }) => !settings.told.includes(id));
    if (lacks.length === 0 || quit.begun) return;
    change({ told: [...settings.told, ...lacks.map(({ id }) => id)] });
    await boxes.tell(
      {
        message: 'This machine lacks something. Heartline goes on without it.',
        detail: lacks.map(({ text }) => `• ${text}`).join('\n'),
      },
      'info',
    );
  }
}

/** What a second start has sent along with its knock. */
function handedOver(data: unknown): Arguments {
  const argv = fieldOf(data, 'argv');
  const cwd = fieldOf(data, 'cwd');
  return readArguments(
    Array.isArray(argv) ? argv.filter((one) => typeof one === 'string') : [],
    typeof cwd === 'string' ? cwd : process.cwd(),
  );
}
