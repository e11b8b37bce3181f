import type { EngineApi, FeedApi, FeedBatch, LabSnapshot } from '../shared/api.ts';

const NAMES: Record<keyof EngineApi, true> = {
  info: true,
  restartRun: true,
  setPath: true,
  setHeartbeat: true,
  setWorkload: true,
  sleep: true,
  wake: true,
  setOffline: true,
  cutAll: true,
  restartServer: true,
  killServer: true,
  loseLog: true,
  setPongs: true,
  stopLane: true,
  startLane: true,
  retryNow: true,
  publish: true,
  startRecording: true,
  stopRecording: true,
  checkTarget: true,
  checkPath: true,
  endpoints: true,
  saveEndpoint: true,
  deleteEndpoint: true,
  savedPaths: true,
  savePath: true,
  deletePath: true,
  serverView: true,
  checkScenario: true,
  playScenario: true,
  stopScenario: true,
  savedScenarios: true,
  saveScenario: true,
  deleteScenario: true,
};

/** Every call of the `EngineApi`, by name; the compiler keeps it complete. */
export const ENGINE_CALLS = Object.keys(NAMES) as (keyof EngineApi)[];

export type ServerCalls = EngineApi & FeedApi;

/** What the engine calls on the page: all that is sent by itself carries one dense number, and is acknowledged by it. */
export interface PageCalls {
  snapshot(snapshot: LabSnapshot, seq: number): void;
  batch(batch: FeedBatch): void;
}
