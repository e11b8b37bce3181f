import type { Direction } from './fault.ts';

/** Whether a fault with a `dir` param acts on this direction. */
export const affectsDirection = (dir: Direction, params: { dir: 'both' | Direction }): boolean =>
  params.dir === 'both' || params.dir === dir;
