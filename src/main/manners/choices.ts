import { fieldOf, isRecord } from '../../shared/guards.ts';
import { DEFAULT_CHOICES, isTimeOfDay, TELLABLE, type ShellChoices } from '../../shared/shell.ts';

/**
 * Choices as they come from a file or from the page; what is not given stays as it was.
 * @throws Error a sentence that names the place
 */
export function readChoices(data: unknown, now: ShellChoices = DEFAULT_CHOICES): ShellChoices {
  if (!isRecord(data)) throw new Error('desktop is not an object');
  const flag = (given: unknown, place: string, fallback: boolean): boolean => {
    if (given === undefined) return fallback;
    if (typeof given !== 'boolean') throw new Error(`${place} is ${JSON.stringify(given)}, neither true nor false`);
    return given;
  };
  const { quiet = now.quiet } = data;
  const from = fieldOf(quiet, 'from');
  const to = fieldOf(quiet, 'to');
  if (quiet !== null && !(isTimeOfDay(from) && isTimeOfDay(to)))
    throw new Error('quiet needs a from and a to, each a time of the day like 22:00');
  const [drops, gaps, recovered] = TELLABLE.map((what) =>
    flag(fieldOf(data['notify'], what), `notify.${what}`, now.notify[what]),
  );
  return {
    notify: { drops: drops === true, gaps: gaps === true, recovered: recovered === true },
    quiet: isTimeOfDay(from) && isTimeOfDay(to) ? { from, to } : null,
    keepInTray: flag(data['keepInTray'], 'keepInTray', now.keepInTray),
    startAtLogin: flag(data['startAtLogin'], 'startAtLogin', now.startAtLogin),
  };
}
