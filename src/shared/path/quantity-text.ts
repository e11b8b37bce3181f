import { formatDuration, formatSize } from '../duration.ts';

/** `10 s`, `250 ms`: as people read it, not as they type it. */
export function durationText(ms: number): string {
  return formatDuration(ms).replace(/(?<=\d)(?=[a-z])/, ' ');
}

/** `64 KiB`. */
export function sizeText(bytes: number): string {
  return formatSize(bytes).replace(/(?<=\d)(?=[A-Z])/, ' ');
}
