import { parseDuration } from '../../../shared/duration.ts';

/**
 * A time of the run as one types it: `1:05`, `1:02:03`, `65s`, or `-10s` before now. Milliseconds since its start.
 * @returns null where it is none
 */
export function parseRunTime(text: string, nowMs: number): number | null {
  const typed = text.trim();
  const clock = /^(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)$/.exec(typed);
  if (clock) {
    const [, hours = '0', minutes, seconds] = clock;
    return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
  }
  if (/^\d+(\.\d+)?$/.test(typed)) return Math.round(Number(typed) * 1000);
  try {
    return typed.startsWith('-') ? Math.max(0, nowMs - parseDuration(typed.slice(1))) : parseDuration(typed);
  } catch {
    return null;
  }
}
