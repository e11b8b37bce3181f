import { app, Menu, Tray } from 'electron';
import type { LaneWatch } from './lane-watch.ts';
import { trayImage } from './tray-image.ts';

/** The icon beside the clock: whether a lane is down, and what dropped last. */
export class TrayIcon {
  readonly #tray: Tray;
  readonly #show: () => void;
  #drawn = '';

  /** @throws Error where there is no tray */
  constructor(show: () => void) {
    this.#show = show;
    this.#tray = new Tray(trayImage(false));
    this.#tray.on('click', show);
  }

  draw({ down, state, lastDrop }: LaneWatch): void {
    const last = lastDrop ?? 'Nothing has dropped';
    const text = `${state}\n${last}`;
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#tray.setImage(trayImage(down > 0));
    this.#tray.setToolTip(`Heartline: ${state}`);
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { id: 'tray-state', label: state, enabled: false },
        { id: 'tray-last-drop', label: last, enabled: false },
        { type: 'separator' },
        { id: 'tray-show', label: 'Show Heartline', click: this.#show },
        { id: 'tray-quit', label: 'Quit', click: () => app.quit() },
      ]),
    );
  }

  remove(): void {
    this.#tray.destroy();
  }
}
