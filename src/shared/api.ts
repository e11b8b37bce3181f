/** The typed API between a dashboard and an engine. Facts come back only as observations. */
import type { StormResult, StormSpec } from './storm.ts';
import type { Method, SleepTimers, State, Phase } from './catalog.ts';
import type { CheckResult } from './check-result.ts';
import type { DoctorOrder } from './doctor/order.ts';
import type { DoctorCost, DoctorProgress } from './doctor/report.ts';
import type { PathSpec } from './path/spec.ts';
import type { FieldProblem } from './field-problem.ts';
import type { FaultInfo } from './path/params.ts';
import type { PresetInfo } from './path/presets/preset.ts';
import type { LaneTally } from './measure/tally.ts';
import type { Observation } from './observation.ts';
import type { Scenario } from './scenario/schema.ts';
import type { PlacedProblem } from './scenario/problems.ts';
import type { LaneClient, LaneSpec, RunConfig, WorkloadSpec } from './run-config.ts';
import type { EndpointBook, Environment } from './book/book.ts';
import type { Sample } from './sample.ts';
import type { TargetProbe } from './target-probe.ts';
import type { RemoteTarget } from './target.ts';

/** A scenario that is kept, as its file has it. */
export interface SavedScenario {
  name: string;
  text: string;
  /** Where it is kept, to be given to `heartline run`; null where nothing is kept. */
  file: string | null;
}

/** What a scenario's text says, and all that is wrong with it in the order of the text; no problems: it can be played. */
export interface ScenarioCheck {
  /** Null when it cannot be made out. */
  scenario: Scenario | null;
  problems: PlacedProblem[];
}

/** A scenario in a run. Times are engine time. */
export interface ScenarioPlay {
  name: string;
  /** As it was given. */
  text: string;
  durationMs: number;
  /** When its schedule began; null while the lanes still open. */
  beganAt: number | null;
  /** Null while it plays. */
  endedAt: number | null;
  /** It was ended before its time. */
  stopped: boolean;
  /** Null while it plays. */
  checks: CheckResult[] | null;
}

export interface LaneSnapshot {
  id: string;
  method: Method;
  url: string;
  /** What a person calls it; null while it goes by its id. */
  name: string | null;
  /** Where it differs from the run. */
  client: LaneClient;
  state: State;
  phase: Phase | null;
  since: number;
  until: number | null;
  cursor: string | null;
  tally: LaneTally;
}

/** Where things stand at observation `n`. Batches with later observations follow it. */
export interface LabSnapshot {
  n: number;
  /** Engine time when taken. */
  now: number;
  runStartedAt: number;
  config: RunConfig;
  lanes: LaneSnapshot[];
  path: { via: string[]; label: string; idleLimitMs: number | null };
  server: { running: boolean; url: string | null; epoch: string | null; head: string | null; floor: string | null };
  offline: boolean;
  asleepUntil: number | null;
  pongs: boolean;
  recording: { file: string; bytes: number; since: number } | null;
  /** The scenario this run plays, or played; null when it was not started by one. */
  scenario: ScenarioPlay | null;
  /** The most recent observations that are still in memory, oldest first, bounded. */
  recent: Observation[];
  /** How many older observations of this run are no longer in memory. */
  forgotten: number;
}

export interface EngineInfo {
  version: string;
  host: 'electron' | 'browser' | 'cli';
  node: string;
  electron: string | null;
  platform: string;
  faults: FaultInfo[];
  presets: PresetInfo[];
  dialects: { name: string; label: string; methods: Method[] }[];
}

export type { FieldProblem };

/** A path of one's own, as its file has it: another version may have steps that this one does not know. */
export interface SavedPath {
  name: string;
  /** As typed after --via. */
  via: string[];
}

export interface ServerView {
  /** Requests to read a channel that reached the server, by method; what the path repeats counts again. */
  requests: Record<Method, number>;
  /** Events put into answers to polls, repeats included. */
  polled: number;
  held: number;
  streams: number;
  sockets: number;
  head: string;
  floor: string;
  retained: number;
  retainedBytes: number;
  /** The newest events kept, newest last. */
  tail: { cursor: string; type: string; time: number; data: string }[];
  /** The oldest events kept, oldest first. */
  oldest: { cursor: string; type: string; time: number; data: string }[];
}

/**
 * Every call resolves, or rejects with a `Failure` that crosses as data. Arguments are validated on receipt.
 * Calls that change a run answer when the change has taken hold.
 */
export interface EngineApi {
  info(): Promise<EngineInfo>;
  /** Ends the run and starts another with these changes. */
  restartRun(change: Partial<RunConfig>): Promise<void>;
  /** In place, connections live on. */
  setPath(change: { path: PathSpec }): Promise<void>;
  setHeartbeat(change: { everyMs: number | null }): Promise<void>;
  setWorkload(change: WorkloadSpec): Promise<void>;
  sleep(order: { ms: number; timers: SleepTimers; lane?: string }): Promise<void>;
  wake(): Promise<void>;
  setOffline(order: { offline: boolean }): Promise<void>;
  cutAll(order: { end: 'fin' | 'rst' }): Promise<void>;
  restartServer(): Promise<void>;
  killServer(order: { downMs: number }): Promise<void>;
  loseLog(): Promise<void>;
  setPongs(order: { on: boolean }): Promise<void>;
  /**
   * One more lane in the run that goes on, at the end of the list; it starts at the newest event. Its id is the method,
   * then `sse-2` …: one that was removed is not given again. Rejects with `bad-lane` what its method has no use for.
   * @param lane.like follows the URL of this lane, where it is of the same method, and stands under it
   */
  addLane(lane: LaneSpec & { like?: string }): Promise<{ lane: string }>;
  /**
   * Renames a lane (null: by its id again), gives it these settings of its own in the place of those it had, moves it.
   * @param change.position from 0, among the lanes
   */
  changeLane(change: { lane: string; name?: string | null; client?: LaneClient; position?: number }): Promise<void>;
  /** Stops it for good; what it has received stays in the summary. Rejects the last one. */
  removeLane(order: { lane: string }): Promise<void>;
  stopLane(order: { lane: string }): Promise<void>;
  startLane(order: { lane: string }): Promise<void>;
  retryNow(order: { lane: string }): Promise<void>;
  publish(event: { type: string; data: string; terminal?: boolean }): Promise<{ cursor: string | null }>;
  startRecording(order: { file: string | null }): Promise<{ file: string }>;
  stopRecording(): Promise<{ file: string; bytes: number }>;
  /** Says what is wrong with a target before it is used; empty means it will do. */
  checkTarget(target: RemoteTarget): Promise<FieldProblem[]>;
  /** Begins to ask a target, one request per method. Rejects with `bad-target` what `checkTarget` finds fault with. */
  probeTarget(target: RemoteTarget): Promise<TargetProbe>;
  /** How far it has come; answers once that is further than `version`, or all is done. */
  probeProgress(order: { id: string; version: number }): Promise<TargetProbe>;
  /** What an examination would send at most: shown before anything is sent. Rejects with `bad-url`. */
  doctorBudget(order: DoctorOrder): Promise<DoctorCost>;
  /** Begins to examine an endpoint; nothing goes out beyond the budget. Rejects with `bad-url`, `too-many-examinations`. */
  startDoctor(order: DoctorOrder): Promise<DoctorProgress>;
  /** How far it has come; answers once that is further than `version`, or it is done. */
  doctorProgress(order: { id: string; version: number }): Promise<DoctorProgress>;
  /** Ends it with what is known by now. */
  stopDoctor(order: { id: string }): Promise<void>;
  endpoints(): Promise<RemoteTarget[]>;
  saveEndpoint(target: RemoteTarget): Promise<void>;
  deleteEndpoint(order: { name: string }): Promise<void>;
  /** All that is kept of endpoints, and of their secrets what may be shown. */
  endpointBook(): Promise<EndpointBook>;
  /**
   * Keeps one in the place of the one that has its name, or had the name `before`; what in it is a secret goes into the store.
   * Answers what is kept. Rejects with `bad-target`, `name-taken`, `secrets-locked`, `command-from-page`.
   */
  keepEndpoint(order: { target: RemoteTarget; folder?: string | null; before?: string }): Promise<RemoteTarget>;
  /** Folders and order anew; those that are not named come last. */
  arrangeEndpoints(order: { order: { name: string; folder: string | null }[] }): Promise<void>;
  setEnvironments(order: { environments: Environment[]; environment: string | null }): Promise<void>;
  /** Keeps what a curl command, a HAR file or a file of endpoints says, beside what is there. Rejects with `cannot-understand`. */
  importEndpoints(order: { text: string; entries?: number[]; folder?: string }): Promise<{ names: string[] }>;
  /** A file of endpoints without secrets; null: of all. */
  exportEndpoints(order: { names: string[] | null }): Promise<{ text: string }>;
  /** Gives a secret that an endpoint names its value. */
  setSecret(order: { name: string; value: string }): Promise<void>;
  /** Rejects with `wrong-passphrase`. */
  unlockSecrets(order: { passphrase: string }): Promise<void>;
  /** Lets a passphrase open the secrets too. */
  addPassphrase(order: { passphrase: string }): Promise<void>;
  /** Asks whoever sits at the machine whether an endpoint's token command may be run; false: no. Rejects where nobody can be asked. */
  confirmCommand(order: { name: string }): Promise<{ confirmed: boolean }>;
  /** Begins to listen to an endpoint as it is in a form, by one method, for a while. Rejects with `bad-target`. */
  listenTo(order: { target: RemoteTarget; method: Method }): Promise<Sample>;
  /** What it has heard, once that is more than `version`, or it has ended. Nobody asking for a while ends it. */
  sampleProgress(order: { id: string; version: number }): Promise<Sample>;
  stopListening(order: { id: string }): Promise<void>;
  savedPaths(): Promise<SavedPath[]>;
  /** Takes the place of the path that has this name. Rejects what is no path, and the names of presets. */
  savePath(path: { name: string; path: PathSpec }): Promise<void>;
  deletePath(order: { name: string }): Promise<void>;
  serverView(): Promise<ServerView | null>;
  /** Plays a reconnect storm in virtual time; what runs goes on meanwhile. */
  playStorm(spec: StormSpec): Promise<StormResult>;
  /** Reads a scenario's text and says what is wrong with it. */
  checkScenario(scenario: { text: string }): Promise<ScenarioCheck>;
  /** Starts another run, as the scenario has it, and plays its schedule. Rejects with `bad-scenario`. */
  playScenario(scenario: { text: string }): Promise<void>;
  /** Ends the scenario before its time; the run goes on. */
  stopScenario(): Promise<void>;
  savedScenarios(): Promise<SavedScenario[]>;
  /** Keeps it in a file under its own name, in the place of one that has this name. Rejects what cannot be played. */
  saveScenario(scenario: { text: string }): Promise<SavedScenario>;
  deleteScenario(order: { name: string }): Promise<void>;
}

/** A call as data: its name and its arguments. */
export type EngineCall<K extends keyof EngineApi = keyof EngineApi> = {
  [P in K]: { call: P; args: Parameters<EngineApi[P]> };
}[K];

/** What the engine sends by itself: a snapshot, then batches numbered densely; at most 4 unacknowledged. */
export interface FeedBatch {
  seq: number;
  /** Engine time when sent. */
  now: number;
  observations: Observation[];
  /** How far the recording has grown, while there is one. */
  recordingBytes?: number;
}

export interface FeedClient {
  snapshot(snapshot: LabSnapshot): void;
  batch(batch: FeedBatch): void;
}

/** The feed's own calls, beside the `EngineApi`. */
export interface FeedApi {
  /** Starts the feed; the first thing sent is a snapshot. */
  subscribe(): Promise<void>;
  /** Says that everything up to this batch has been taken. */
  ack(order: { seq: number }): Promise<void>;
  /** After a hole: asks for a snapshot. */
  resync(): Promise<void>;
}
