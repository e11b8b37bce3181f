import type { Method } from '../catalog.ts';
import type { End, Hold, ResponseField, Stale } from './effect.ts';

/** `quiet`: one event, then nothing is sent. `busy`: the server sends an event every moment, the client nothing. */
export type Activity = 'quiet' | 'busy';

/** An end, as a whole path brings it about. */
export interface PathEnd extends End {
  /** When it comes; null where that depends on what is written. */
  afterMs: number | null;
  offsetMs: readonly [number, number];
  /** Of all connections, from 0 to 1. */
  share: number;
  /** How often the origin gets the request until then, where silence ends it. */
  tries: number;
  /** No source tells that it ends like this. */
  assumed: boolean;
}

/** What keeps a lane alive, or its events prompt. */
export type Cure =
  /** A comment on a stream, a ping on a WebSocket; null: as often as one likes, each brings along what came before it. */
  | { by: 'heartbeat'; everyMs: number | null }
  /** A poll that the server answers sooner, events or not. */
  | { by: 'shorter-hold'; underMs: number }
  | { by: 'response-field'; field: ResponseField }
  /** Null: any of several that get through. */
  | { by: 'another-method'; method: Method | null }
  | { by: 'none'; why: Uncured };

/** It ends at an age; at what is written; by the silence of a client that cannot speak; before it begins. */
export type Uncured = 'age' | 'write' | 'mute-client' | 'blocked';

/** What a path does to one method, and what would help. */
export interface Outcome {
  method: Method;
  activity: Activity;
  /** `blocked`: nothing gets through. `ends`: see `end`. `unknown`: it lives here, but no source tells of its limits. */
  fate: 'blocked' | 'ends' | 'lives' | 'unknown';
  /** The first of its ends. */
  end: PathEnd | null;
  /** How its events are kept back, although it lives. */
  hold: Hold | null;
  /** How old an answer may be. */
  stale: Stale | null;
  /** Needed together; empty when nothing is. */
  cures: readonly Cure[];
  /** What still ends it with all of them. */
  lasts: PathEnd | null;
}
