import type { Method } from '../catalog.ts';
import type { Observation } from '../observation.ts';
import type { LaneSummary } from './summary.ts';

/** One lane's running count: plain data, so that a snapshot can carry it and the page can go on folding. */
export interface LaneTally {
  method: Method;
  url: string;
}

export declare function newTally(method: Method, url: string): LaneTally;
/** Steps the tally by one observation of its lane (or of no lane: `path`, `sleep`). Mutates and returns it. */
export declare function fold(tally: LaneTally, observation: Observation): LaneTally;
/** The count as of engine time `now`. */
export declare function summarise(tally: LaneTally, now: number): LaneSummary;
