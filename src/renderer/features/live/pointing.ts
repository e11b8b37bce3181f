import type { MarkFact, HitArea } from '../../timeline/marks.ts';

/** What somebody points at: with the mouse, with the keyboard, or pinned by either. */
export interface Pointing {
  /** A lane's id, or `head`. */
  row: string;
  at: number;
  y: number;
  fact: MarkFact;
  by: 'mouse' | 'keys';
  pinned: boolean;
}

export const pointAt = (row: string, spot: HitArea, by: Pointing['by'], pinned = false): Pointing => ({
  row,
  at: spot.at,
  y: spot.y,
  fact: spot.fact,
  by,
  pinned,
});
