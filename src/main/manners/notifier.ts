import type { Clock } from '../../shared/clock.ts';
import type { QuietHours, ShellChoices } from '../../shared/shell.ts';
import type { Telling } from './lane-watch.ts';

/** Drops come in flocks: what comes within this time is told at once. */
const GATHER_MS = 1500;
/** And then nothing for so long: a lane that flaps must not fill a screen. */
const REST_MS = 15_000;

/** Tells what was chosen to be told, gathered, and nothing in the quiet hours. */
export class Notifier {
  readonly #clock: Clock;
  readonly #choices: () => Pick<ShellChoices, 'notify' | 'quiet'>;
  readonly #show: (title: string, body: string) => void;
  #waiting: Telling[] = [];
  #due = false;
  #restsUntil = 0;

  constructor(
    clock: Clock,
    choices: () => Pick<ShellChoices, 'notify' | 'quiet'>,
    show: (title: string, body: string) => void,
  ) {
    this.#clock = clock;
    this.#choices = choices;
    this.#show = show;
  }

  take(telling: Telling): void {
    if (!this.#choices().notify[telling.what]) return;
    this.#waiting.push(telling);
    if (this.#due) return;
    this.#due = true;
    this.#clock.after(Math.max(GATHER_MS, this.#restsUntil - this.#clock.now()), () => this.#tell());
  }

  #tell(): void {
    this.#due = false;
    const { notify, quiet } = this.#choices();
    const told = this.#waiting.splice(0).filter(({ what }) => notify[what]);
    // What happens in the quiet hours is in the page's ledger afterwards; it is not told late.
    if (told.length === 0 || (quiet && isQuiet(quiet, new Date(this.#clock.unixTime())))) return;
    this.#restsUntil = this.#clock.now() + REST_MS;
    const [first, ...others] = told;
    if (!first) return;
    const texts = [first, ...others].map(({ text }) => text);
    const more = texts.length > 3 ? `\nand ${texts.length - 3} more` : '';
    this.#show(
      texts.length === 1 ? first.text : `${texts.length} things have happened`,
      texts.length === 1 ? '' : texts.slice(0, 3).join('\n') + more,
    );
  }
}

/** Whether a moment lies in the quiet hours, by this machine's own time of the day. From and to alike is the whole day. */
export function isQuiet({ from, to }: QuietHours, at: Date): boolean {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const now = at.getHours() * 60 + at.getMinutes();
  const [begin, end] = [minutes(from), minutes(to)];
  return begin < end ? now >= begin && now < end : now >= begin || now < end;
}
