/** Where a window stands, in screen pixels. */
export interface WindowBounds {
  x: number;
  y: number;
  width: number;
  height: number;
  maximized: boolean;
}

export type Rect = Omit<WindowBounds, 'maximized'>;

export const MIN_SIZE = { width: 720, height: 480 };
const DEFAULT_SIZE = { width: 1360, height: 860 };
/** A window whose title bar shows less than this on every display cannot be dragged back by hand. */
const MIN_TITLE_BAR = { width: 120, height: 32 };

/**
 * Where to open: the remembered place moved onto the display that shows most of its title bar; the middle of the first
 * display when there is none remembered or that display is gone.
 * @param displays work areas, the primary one first; never empty
 */
export function placeWindow(displays: readonly Rect[], remembered: WindowBounds | null): WindowBounds {
  const primary = displays[0]!;
  const bar = remembered && { ...remembered, height: MIN_TITLE_BAR.height };
  const home = bar
    ? displays
        .map((area) => ({ area, shown: overlap(bar, area) }))
        .filter(({ shown }) => shown.width >= MIN_TITLE_BAR.width && shown.height >= MIN_TITLE_BAR.height / 2)
        .sort((a, b) => b.shown.width - a.shown.width)[0]?.area
    : undefined;
  const area = home ?? primary;
  const width = fit(remembered?.width ?? DEFAULT_SIZE.width, MIN_SIZE.width, area.width);
  const height = fit(remembered?.height ?? DEFAULT_SIZE.height, MIN_SIZE.height, area.height);
  const maximized = remembered?.maximized ?? false;
  if (!remembered || !home) {
    return {
      x: Math.round(area.x + (area.width - width) / 2),
      y: Math.round(area.y + (area.height - height) / 2),
      width,
      height,
      maximized,
    };
  }
  return {
    x: fit(remembered.x, area.x, area.x + area.width - width),
    y: fit(remembered.y, area.y, area.y + area.height - height),
    width,
    height,
    maximized,
  };
}

/** Within `least` and `most`; `most` wins where a display is smaller than the smallest window. */
function fit(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function overlap(a: Rect, b: Rect): { width: number; height: number } {
  return {
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)),
  };
}
