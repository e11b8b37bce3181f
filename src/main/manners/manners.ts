import { app, Notification, type BrowserWindow, type MessagePortMain } from 'electron';
import { messageOf } from '../../shared/failure.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import type { Observation } from '../../shared/observation.ts';
import type { ShellChoices, ShellCommand, ShellState } from '../../shared/shell.ts';
import { readChoices } from './choices.ts';
import { LaneWatch } from './lane-watch.ts';
import { Notifier } from './notifier.ts';
import { PageLink } from './page-link.ts';
import { startAtLogin } from './start-at-login.ts';
import { TrayIcon } from './tray.ts';

/** What the app does beside its window: tray, badge, notifications, start at login; and the page's actions for the menu. */
export interface MannersOptions {
  lab: { listen(listener: (o: Observation) => void): Cancel };
  clock: Clock;
  choices: ShellChoices;
  keep: (choices: ShellChoices) => void;
  /** There is a session bus, where this system needs one for such things. */
  bus: boolean;
  window: () => BrowserWindow | undefined;
  /** Brings the window forward, or opens it. */
  show: () => void;
  onCommands: () => void;
}

const NO_BUS = 'There is no session bus (D-Bus) here.';
/** Drops come by the thousand; what is drawn of them need not. */
const DRAW_EVERY_MS = 250;

export class Manners {
  readonly #options: MannersOptions;
  readonly #watch = new LaneWatch();
  readonly #link: PageLink;
  readonly #login = startAtLogin();
  readonly #cannot: ShellState['cannot'] = {};
  readonly #shown = new Set<Notification>();
  #choices: ShellChoices;
  #tray: TrayIcon | null = null;
  #drawSoon = false;

  /** After the app is ready. */
  constructor(options: MannersOptions) {
    this.#options = options;
    const { lab, clock, choices, onCommands } = options;
    this.#choices = { ...choices, startAtLogin: this.#login.on }; // the system has the last word
    this.#link = new PageLink(onCommands, (asked) => this.#choose(asked));
    this.#look();
    const notifier = new Notifier(
      clock,
      () => this.#choices,
      (title, body) => this.#notify(title, body),
    );
    lab.listen((o) => {
      const telling = this.#watch.take(o);
      if (telling) notifier.take(telling);
      if (this.#drawSoon) return;
      this.#drawSoon = true;
      clock.after(DRAW_EVERY_MS, () => {
        this.#drawSoon = false;
        this.#draw();
      });
    });
  }

  /** What the page offers now, for the menu. */
  get commands(): readonly ShellCommand[] {
    return this.#link.commands;
  }

  /** Closing the last window leaves the app running: somebody chose it, and there is an icon to come back by. */
  get staysInTray(): boolean {
    return this.#choices.keepInTray && this.#tray !== null;
  }

  run(id: string): void {
    this.#link.tell({ run: id });
  }

  /** @returns the page's end of its link */
  connect(): MessagePortMain {
    const port = this.#link.connect();
    this.#tell(null);
    return port;
  }

  #look(): void {
    const { bus } = this.#options;
    if (!bus || !Notification.isSupported()) this.#cannot.notify = bus ? 'This system shows no notifications.' : NO_BUS;
    if (!bus) this.#cannot.keepInTray = NO_BUS;
    else {
      try {
        this.#tray = new TrayIcon(this.#options.show);
        this.#draw();
      } catch (error) {
        this.#cannot.keepInTray = `There is no tray here: ${messageOf(error)}`;
      }
    }
  }

  #choose(asked: unknown): void {
    try {
      const next = readChoices(asked, this.#choices);
      if (next.startAtLogin !== this.#choices.startAtLogin) this.#login.set(next.startAtLogin);
      this.#choices = next;
      this.#options.keep(next);
      this.#tell(null);
    } catch (error) {
      this.#tell(`This was not changed: ${messageOf(error)}.`);
    }
  }

  #tell(refused: string | null): void {
    this.#link.tell({ state: { choices: this.#choices, cannot: this.#cannot, refused } });
  }

  #draw(): void {
    const { down, lanes } = this.#watch;
    this.#tray?.draw(this.#watch);
    app.setBadgeCount(down);
    const window = this.#options.window();
    if (window && !window.isDestroyed())
      window.setProgressBar(down > 0 ? down / Math.max(lanes, down) : -1, { mode: 'error' });
  }

  #notify(title: string, body: string): void {
    if (this.#cannot.notify !== undefined) return;
    const notification = new Notification({ title, body, silent: true });
    this.#shown.add(notification); // or it would be collected, and a click on it with it
    const gone = (): void => void this.#shown.delete(notification);
    notification.on('click', () => {
      gone();
      this.#options.show();
    });
    notification.on('close', gone).on('failed', gone);
    notification.show();
  }
}
