/** Room kept right of “now”. */
const NOW_PADDING = 14;

/** The time axis shared by all lanes: engine milliseconds to pixels. */
export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Where “now” stands. */
  readonly nowX: number;
  readonly msPerPx: number;
  /** A whole pixel: marks scroll together and never dance against each other. */
  x(time: number): number;
  time(x: number): number;
}

/**
 * @param origin any fixed time, such as the start of the run; it only fixes how times fall onto whole pixels
 * @param to the time at “now”
 */
export function timeAxis(origin: number, to: number, windowMs: number, width: number): TimeAxis {
  const nowX = Math.max(1, width - NOW_PADDING);
  const msPerPx = windowMs / nowX;
  const shift = Math.round((to - origin) / msPerPx) - nowX;
  const from = to - windowMs;
  return {
    from,
    to,
    width,
    nowX,
    msPerPx,
    x: (time) => Math.round((time - origin) / msPerPx) - shift,
    time: (x) => (x + shift) * msPerPx + origin,
  };
}

const TICK_STEPS_MS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
  7_200_000, 14_400_000,
];

export interface AxisTick {
  /** Milliseconds of run time. */
  at: number;
  x: number;
  major: boolean;
}

/** Grid lines in sight; the major ones carry a time. */
export function axisTicks(axis: TimeAxis, runStartedAt: number): AxisTick[] {
  const minMs = axis.msPerPx * 90;
  const major = TICK_STEPS_MS.find((s) => s >= minMs) ?? TICK_STEPS_MS[TICK_STEPS_MS.length - 1]!;
  const minor = major / (major === 15_000 || major === 30_000 ? 3 : 2);
  const ticks: AxisTick[] = [];
  const first = Math.max(0, Math.ceil((axis.from - runStartedAt) / minor) * minor);
  for (let t = first; t <= axis.to - runStartedAt; t += minor) {
    ticks.push({ at: t, x: axis.x(runStartedAt + t), major: t % major === 0 });
  }
  return ticks;
}
