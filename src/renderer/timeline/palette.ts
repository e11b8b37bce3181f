import type { Method } from '../../shared/catalog.ts';

const TOKEN_NAMES = [
  'bg-0',
  'bg-1',
  'bg-2',
  'bg-3',
  'line-1',
  'line-2',
  'line-3',
  'tx-1',
  'tx-2',
  'tx-3',
  'short',
  'long',
  'sse',
  'ws',
  'loss',
  'hatch',
] as const;

/** The tokens' colours, as the canvas needs them. */
export type Palette = Record<(typeof TOKEN_NAMES)[number], string>;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  // cast: each name has its entry
  return Object.fromEntries(TOKEN_NAMES.map((n) => [n, style.getPropertyValue(`--${n}`).trim()])) as Palette;
}

const HUES: Partial<Record<Method, 'short' | 'long' | 'sse' | 'ws'>> = {
  'short-polling': 'short',
  'long-polling': 'long',
  sse: 'sse',
  websocket: 'ws',
};

/** A method's token: one hue a method, used for its marks and nothing else. A method that has none yet is neutral. */
export const hueOf = (method: Method): 'short' | 'long' | 'sse' | 'ws' | 'tx-2' => HUES[method] ?? 'tx-2';

/** `#rrggbb` with an opacity. */
export const withOpacity = (hex: string, opacity: number): string =>
  hex +
  Math.round(Math.max(0, Math.min(1, opacity)) * 255)
    .toString(16)
    .padStart(2, '0');
