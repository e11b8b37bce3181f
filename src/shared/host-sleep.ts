/** How a suspend of the whole machine is told, everywhere. @param ms how long it was, in real time; null: unknown */
export function hostSleepText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return 'this machine slept';
  const s = Math.round(ms / 1000);
  if (s < 100) return `this machine slept ${s} s`;
  if (s < 100 * 60) return `this machine slept ${Math.round(s / 60)} min`;
  return `this machine slept ${(s / 3600).toFixed(1)} h`;
}

/** The same, as a sentence's beginning. */
export const hostSleepTitle = (ms: number | null | undefined): string => hostSleepText(ms).replace('this', 'This');
