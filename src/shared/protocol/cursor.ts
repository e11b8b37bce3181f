import type { Gap } from './events.ts';

/** `<epoch>.<seq>` taken apart. Opaque to other people's clients; ours may look inside. */
export interface Cursor {
  epoch: string;
  seq: number;
}

/** What a log still holds. `floor` is the seq just before the oldest kept event, so it is a usable cursor. */
export interface Bounds {
  epoch: string;
  floor: number;
  newest: number;
  ended: boolean;
}

export type CursorResolution =
  { verdict: 'ok'; after: number } | { verdict: 'gap'; gap: Gap; after: number } | { verdict: 'malformed' };

export const formatCursor = (epoch: string, seq: number): string => `${epoch}.${seq}`;

/** `k3f9ab.427` → its parts; null when it is not one of ours. */
export function parseCursor(text: string): Cursor | null {
  const m = /^([0-9a-z]{4,16})\.(0|[1-9]\d{0,15})$/.exec(text);
  return m ? { epoch: m[1]!, seq: Number(m[2]) } : null;
}

/**
 * How every endpoint of the server resolves a requested cursor.
 * @param asked a cursor, `earliest`, `now`, or null for the endpoint's own start
 * @param start where this endpoint starts when nothing was asked
 */
export function resolveCursor(asked: string | null, bounds: Bounds, start: 'earliest' | 'now'): CursorResolution {
  const word = asked === null || asked === '' ? start : asked;
  if (word === 'earliest') return { verdict: 'ok', after: bounds.floor };
  if (word === 'now') return { verdict: 'ok', after: bounds.newest };
  const cursor = parseCursor(word);
  if (!cursor) return { verdict: 'malformed' };
  const reason =
    cursor.epoch !== bounds.epoch
      ? 'epoch'
      : cursor.seq > bounds.newest
        ? 'future'
        : cursor.seq < bounds.floor
          ? 'trimmed'
          : null;
  if (reason === null) return { verdict: 'ok', after: cursor.seq };
  const floor = formatCursor(bounds.epoch, bounds.floor);
  return {
    verdict: 'gap',
    after: bounds.floor,
    gap: {
      reason,
      requested: word,
      epoch: bounds.epoch,
      floor,
      newest: formatCursor(bounds.epoch, bounds.newest),
      missed: reason === 'trimmed' ? bounds.floor - cursor.seq : null,
      resume: floor,
    },
  };
}
