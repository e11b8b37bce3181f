import { powerMonitor } from 'electron';
import type { Lab } from '../engine/lab.ts';

/** A real suspend is no fault of ours: it is noted, and how long it was, so that what it leaves has an explanation. */
export function notePower(lab: Lab, wallTime: () => number): void {
  let since: number | null = null;
  powerMonitor.on('suspend', () => {
    if (since !== null) return;
    since = wallTime();
    lab.noteHostSleep('begin');
  });
  powerMonitor.on('resume', () => {
    // some systems tell of the waking only
    lab.noteHostSleep('end', since === null ? null : wallTime() - since);
    since = null;
  });
}
