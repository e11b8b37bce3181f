/** One event of the log, the same on every endpoint. */
export interface LogEvent {
  /** `<epoch>.<seq>` */
  cursor: string;
  /** Dense, from 1, per channel. */
  seq: number;
  type: string;
  /** Unix milliseconds at append. */
  time: number;
  /** As published, with CR and CRLF turned into LF. */
  data: string;
  /** A state that will not change soon: pollers may slow down until something else follows. */
  terminal?: true;
}

/** Announced when a cursor cannot be resumed from. */
export interface Gap {
  reason: 'trimmed' | 'epoch' | 'future';
  requested: string;
  epoch: string;
  floor: string;
  newest: string;
  /** How many events are gone; null when that cannot be known. */
  missed: number | null;
  resume: string;
}
