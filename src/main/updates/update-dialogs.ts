import { app, dialog, type MessageBoxOptions } from 'electron';
import type { Clock } from '../../shared/clock.ts';
import { codeOf, failureData, failureText } from '../../shared/failure.ts';
import type { UpdateChoice } from './update-choice.ts';
import { cannotUpdate, downloadUpdate, installUpdate, lookForUpdate } from './updater.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Looks for new versions and talks about them; asks before each step that costs or changes something. */
export class UpdateDialogs {
  readonly #clock: Clock;
  #stop: (() => void) | null = null;
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns what is in force from now on: `off` where this copy cannot check, which a dialog then says */
  choose(choice: UpdateChoice): UpdateChoice {
    this.#stop?.();
    this.#stop = null;
    if (choice === 'off') return choice;
    const why = cannotUpdate();
    if (why) {
      void say({ type: 'info', message: 'Heartline does not look for new versions.', detail: failureText(why) });
      return 'off';
    }
    const look = (): void => {
      this.#stop = this.#clock.after(DAY_MS, look);
      void this.look({ asked: false });
    };
    look();
    return choice;
  }

  /** @param asked by a person, who then hears of every outcome; else of news and refusals only */
  async look({ asked }: { asked: boolean }): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const why = cannotUpdate();
      if (why) throw why;
      const offer = await lookForUpdate();
      if (offer) await this.#offer(offer);
      else if (asked) await say({ type: 'info', message: `Heartline ${app.getVersion()} is the newest version.` });
    } catch (error) {
      const unheard = codeOf(error) === 'update-unreachable' && !asked; // the next day tries again
      const detail = failureText(failureData(error));
      if (unheard) console.error(detail);
      else await say({ type: 'warning', message: 'Heartline was not updated.', detail });
    } finally {
      this.#busy = false;
    }
  }

  async #offer(offer: NonNullable<Awaited<ReturnType<typeof lookForUpdate>>>): Promise<void> {
    const { version, file } = offer;
    const fetchIt = await say({
      type: 'info',
      message: `Heartline ${version} is out.`,
      detail: `This is ${app.getVersion()}. ${file.url} has ${(file.size / 1e6).toFixed(1)} MB; it is checked against the signed list before it is installed.`,
      buttons: ['Download', 'Not Now'],
      cancelId: 1,
    });
    if (fetchIt !== 0) return;
    const download = await downloadUpdate(offer);
    const installIt = await say({
      type: 'info',
      message: `Heartline ${version} is ready.`,
      detail: `It is the file that was signed. Heartline closes, installs it, and starts again. Until then it lies in ${download.path}.`,
      buttons: ['Install and Restart', 'Later'],
      cancelId: 1,
    });
    if (installIt === 0) await installUpdate(download);
  }
}

/** @returns the index of the button */
async function say(options: MessageBoxOptions): Promise<number> {
  return (await dialog.showMessageBox({ title: 'Heartline', ...options })).response;
}
