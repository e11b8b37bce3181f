import type { EngineApi, FeedApi, FeedBatch, LabSnapshot } from '../shared/api.ts';

export type ServerCalls = EngineApi & FeedApi;

/** What the engine calls on the page: all that is sent by itself carries one dense number, and is acknowledged by it. */
export interface PageCalls {
  snapshot: (snapshot: LabSnapshot, seq: number) => void;
  batch: (batch: FeedBatch) => void;
}
