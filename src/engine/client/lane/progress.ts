/** What a lane carries from one connection to the next. Plain data, shared by those that handle signals and ends. */
export interface LaneProgress {
  /** Resume after this; null at the endpoint's own start. */
  cursor: string | null;
  /** The cursor is what an answer carried: ids do not move it. */
  apart: boolean;
  /** The epoch that the server named last, outside of its ids. */
  epoch: string | null;
  /** Whether the endpoint can be asked for what follows a cursor at all: where it cannot, none is reported as asked. */
  readonly asks: boolean;
  /** What is asked with: the last id, or the one after it. */
  readonly askedOf: (cursor: string) => string;
  /** Failed attempts in a row: what back-off grows by. */
  attempt: number;
  /** SSE `retry:`: a floor for every reconnect until the server says otherwise. */
  retryHintMs: number | null;
  /** When the present connection opened; null while it has not. */
  openedAt: number | null;
  everOpened: boolean;
}

export const newProgress = (
  cursor: string | null,
  { asks, askedOf = (id) => id }: { asks: boolean; askedOf?: LaneProgress['askedOf'] },
): LaneProgress => ({
  cursor,
  apart: false,
  epoch: null,
  asks,
  askedOf,
  attempt: 0,
  retryHintMs: null,
  openedAt: null,
  everOpened: false,
});

/** What the next connection asks to go on from. */
export const askedCursor = ({ asks, askedOf, cursor }: LaneProgress): string | null =>
  asks && cursor !== null ? askedOf(cursor) : null;
