import type { Method } from '../catalog.ts';
import type { Hold, Trigger } from './effect.ts';
import type { Activity, Cure, PathEnd, Uncured } from './outcome.ts';

/** @param ends those that act, the first first */
export function curesOf(
  method: Method,
  activity: Activity,
  ends: readonly PathEnd[],
  hold: Hold | null,
): { cures: readonly Cure[]; lasts: PathEnd | null } {
  const [first] = ends;
  const late = lateCures(activity, hold);
  if (!first) return { cures: late, lasts: null };
  const why = (end: PathEnd): Uncured | null => uncured(end.when, method);
  const firstWhy = why(first);
  if (firstWhy) return { cures: [{ by: 'none', why: firstWhy }, ...late], lasts: first };
  const curable = ends.filter((end) => !why(end)).map(({ when }) => when.ms);
  const lasts = ends.filter(why).sort((a, b) => a.when.ms - b.when.ms)[0] ?? null;
  const limit = Math.min(...curable);
  if (method === 'long-polling') return { cures: [{ by: 'shorter-hold', underMs: limit }], lasts };
  const heartbeat: Cure = { by: 'heartbeat', everyMs: heartbeatUnder(limit) };
  return { cures: [heartbeat, ...late.filter(({ by }) => by !== 'heartbeat')], lasts };
}

/** Why nothing that server or client sends keeps it from this end; null where something does. */
function uncured(when: Trigger, method: Method): Uncured | null {
  switch (when.on) {
    case 'open':
      return 'blocked';
    case 'age':
      return method === 'long-polling' && when.of === 'request' ? null : 'age';
    case 'write':
      return method === 'long-polling' ? null : 'write';
    case 'silence':
      // A stream's comments go down; its client sends nothing after the request.
      return method === 'sse' && when.resetBy === 'up' ? 'mute-client' : null;
  }
}

/** Against events that come late. */
function lateCures(activity: Activity, hold: Hold | null): Cure[] {
  if (hold === null || hold.until === 'nothing' || hold.until === 'moment') return [];
  if (hold.until === 'next') return activity === 'quiet' ? [{ by: 'heartbeat', everyMs: null }] : [];
  if (hold.unless) return [{ by: 'response-field', field: hold.unless }];
  return [{ by: 'another-method', method: 'long-polling' }];
}

const ROUND_SECONDS = [1, 2, 5, 10, 15, 20, 25, 30, 60, 90, 120, 180, 240, 300, 600, 900, 1800, 3600, 7200, 86_400];

/** Half the limit or less, in a round number of seconds where there is one. */
function heartbeatUnder(limitMs: number): number {
  const fit = ROUND_SECONDS.findLast((s) => s * 1000 <= limitMs / 2);
  return fit === undefined ? Math.floor(limitMs / 2) : fit * 1000;
}
