import type { Cancel, Clock } from '../shared/clock.ts';
import { suspendWatch } from './time/clock.ts';

const CHECK_MS = 1000;
/** A wall clock that ran this far ahead of the monotonic one: the machine was suspended. */
const JUMP_MS = 2000;

/** Looks once a second whether the machine was suspended meanwhile, and calls `onResume` with how long it was. */
export function watchForSuspends(clock: Clock, onResume: (ms: number) => void): Cancel {
  const jumpMs = suspendWatch();
  let cancel: Cancel;
  const schedule = (): void => {
    cancel = clock.after(CHECK_MS, () => {
      const ms = jumpMs();
      if (ms > JUMP_MS) onResume(ms);
      schedule();
    });
  };
  schedule();
  return () => cancel();
}
