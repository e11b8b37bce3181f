import { powerMonitor } from 'electron';
import type { Lab } from '../engine/lab.ts';

/** A real suspend is no fault of ours: it is noted, so that the silence it leaves has an explanation. */
export function notePower(lab: Lab): void {
  powerMonitor.on('suspend', () => lab.noteHostSleep('begin'));
  powerMonitor.on('resume', () => lab.noteHostSleep('end'));
}
