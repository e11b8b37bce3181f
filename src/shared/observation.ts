/**
 * Everything the lab saw, as one discriminated union. The journal, the recording file, the RPC wire, the
 * charts and the command line's JSON lines all use it. Times are integer Unix milliseconds of engine time,
 * durations integer milliseconds, sizes bytes. `lane` is null where no lane is meant.
 */
import type { Cause, EndedBy, Evidence, Method, Phase, State, StateReason } from './catalog.ts';
import type { CheckResult } from './check-result.ts';
import type { LaneFinding, LaneSummary } from './lane-summary.ts';
import type { LaneClient } from './run-config.ts';
import type { Setting } from './setting.ts';

export interface Stamp {
  v: 1;
  /** Dense, from 1, per run. */
  n: number;
  at: number;
  lane: string | null;
}

/** All that is needed to repeat the run. */
export interface RunFact {
  type: 'run';
  version: string;
  node: string;
  platform: string;
  seed: number;
  timeScale: number;
  target: {
    kind: 'embedded' | 'remote';
    name: string;
    dialect: string;
    /** Its ids can prove that nothing was missed. */ dense?: boolean;
    base: string | null;
    /** Any certificate was taken. */
    insecure?: boolean;
    /** The upstream proxy that was asked for. */
    proxy?: string;
  };
  channel: string;
  /** The cursor every lane started from, or the dialect's own word. */
  start: string | null;
  lanes: { id: string; method: Method; url: string; name?: string; client?: LaneClient }[];
  /** The path as one would type it after --via; empty for direct. */
  via: string[];
  workload: { name: string; rate: number | null; size: number | null; burst: number | null } | null;
  heartbeatMs: number | null;
  pollMs: number;
  holdMs: number;
  backoff: string;
}

export interface StateFact {
  type: 'state';
  from: State;
  to: State;
  phase?: Phase;
  reason: StateReason;
  evidence?: Evidence;
  /** When this state or phase will end by itself: next poll, end of hold, end of back-off, wake. */
  until?: number;
}

export interface RequestFact {
  type: 'request';
  id: number;
  method: string;
  url: string;
  cursor?: string;
  etag?: string;
}

export interface ResponseFact {
  type: 'response';
  id: number;
  status: number;
  /** Body bytes. */
  bytes: number;
  /** From the first byte of the request to the last of the answer. */
  took: number;
  /** 204, an empty 200, or a 304. */
  empty: boolean;
}

export interface EventFact {
  type: 'event';
  cursor: string | null;
  /** The id as it was on the wire; null where the endpoint has none. */
  id: string | null;
  event: string;
  bytes: number;
  /** Publish to processing; null unless both clocks are known to agree. */
  latency: number | null;
  duplicate: boolean;
  /** Published before the lane's first open: delivered, but no measure of lateness. */
  replayed?: boolean;
  /** It carries a part of what a model or an agent brings forth. */
  token?: boolean;
  data?: string;
}

export interface HeartbeatFact {
  type: 'heartbeat';
  kind: 'comment' | 'ping' | 'pong' | 'message';
  dir: 'in' | 'out';
  rtt?: number;
}

export interface DropFact {
  type: 'drop';
  evidence: Evidence;
  cause?: Cause;
  by: EndedBy;
  /** How long nothing had been received on the connection. */
  silence: number;
  /** How long the connection had been open; null where it never was. Absent in older recordings. */
  age?: number | null;
  /** What the other side said of it: the text of a close frame. */
  reason?: string;
  /** From the moment the connection was really dead to this record; null when that moment is not known. */
  detected: number | null;
  /** A sentence with what else was seen: `504 after 10.0 s held`. */
  detail?: string;
}

/** A connection ended as its protocol had announced: planned, and no drop. */
export interface EndedFact {
  type: 'ended';
  by: EndedBy;
  /** As the other side named it: `age`, `restart`, `ended`; null where it gave none. */
  reason: string | null;
  announced: true;
  evidence: Evidence;
  age: number | null;
}

export interface ReconnectFact {
  type: 'reconnect';
  attempt: number;
  /** How long the lane waits before it dials. */
  delay: number;
  cursor: string | null;
  /** Which rule brought it back, where one of the dialect or endpoint did. */
  rule?: string;
}

export interface ResumeFact {
  type: 'resume';
  sent: string | null;
  first: string | null;
  missed: number | null;
  /** Null where events have no ids. */
  repeated: number | null;
  epochChanged: boolean;
  /** What the resume followed: a drop's evidence, or `announced`, `sleep`, `user`. */
  after: string;
}

export interface GapFact {
  type: 'gap';
  from: string | null;
  to: string | null;
  missed: number | null;
  /** `trimmed`, `epoch`, `future` as announced; `hole` when the numbers themselves skip; `unknown`. */
  reason: string;
}

export interface FaultFact {
  type: 'fault';
  name: string;
  action: 'add' | 'change' | 'remove' | 'fire';
  detail: string;
}

export interface PathFact {
  type: 'path';
  via: string[];
  label: string;
  /** The path's idle limit in milliseconds, when it has one: what heartbeat headroom is measured against. */
  idleLimitMs: number | null;
}

export interface SleepFact {
  type: 'sleep';
  phase: 'begin' | 'end';
  /** `lane` froze by our doing, `host` is a real suspend. */
  what: 'lane' | 'host';
  until?: number;
  timers?: 'fire' | 'resume';
  /** At the end of a suspend: how long it was, in real milliseconds. Engine time stands still meanwhile; null: unknown. */
  ms?: number | null;
}

export interface ServerFact {
  type: 'server';
  streams: number;
  sockets: number;
  held: number;
  requests: number;
  published: number;
  head: string;
  floor: string;
  retained: number;
  bytesOut: number;
}

export interface NoticeFact {
  type: 'notice';
  level: 'info' | 'warn' | 'error';
  code: string;
  message: string;
  hint?: string;
  /** Engine time at which what it tells of began, where that was before. */
  since?: number;
}

/** What the lane concludes by now from what it has seen; again where it has become surer. */
export interface FindingFact extends LaneFinding {
  type: 'finding';
}

/** What was published through Heartline: every lane should receive exactly this. */
export interface PublishFact {
  type: 'publish';
  cursor: string | null;
  event: string;
  bytes: number;
}

/** Bytes above TCP on the lane's sockets since the run began, both ways, heads and framing included. */
export interface TrafficFact {
  type: 'traffic';
  bytesIn: number;
  bytesOut: number;
}

/** One thing as it stood on the wire, cut to a few KiB, secrets replaced. */
export interface WireFact {
  type: 'wire';
  dir: 'in' | 'out';
  what: 'request' | 'response' | 'frame' | 'field' | 'comment' | 'control';
  text: string;
  /** Bytes on the wire, where `text` was cut. */
  bytes: number;
}

/** A setting that changed while the run went on: heartbeat, workload, offline, pongs, workload rate. */
export interface SettingFact {
  type: 'setting';
  name: string;
  value: string;
  /** The same as values; absent in recordings of earlier versions. */
  set?: Setting;
}

/** A lane that came, went or was changed while the run went on; the stamp's lane is its id. */
export interface LaneFact {
  type: 'lane';
  action: 'add' | 'change' | 'remove';
  method: Method;
  url: string;
  /** What a person calls it; null where it goes by its id. */
  name: string | null;
  /** Where it differs from the run, all of it. */
  client: LaneClient;
  /** The ids of all lanes from now on, in their order. */
  order: string[];
}

/** A scenario that plays in this run: its schedule begins, or has ended and this is what the checks came to. */
export interface ScenarioFact {
  type: 'scenario';
  phase: 'begin' | 'end';
  name: string;
  /** From begin to end, as the file has it. */
  duration: number;
  /** At the end: every check passed, and it was not stopped before. */
  passed?: boolean;
  stopped?: boolean;
  checks?: CheckResult[];
}

/** One client's connection through a proxy of its own (`heartline proxy`), as it came or went. */
export interface ConnectionFact {
  type: 'connection';
  action: 'open' | 'close';
  /** The client's own port. */
  port: number;
  /** How long it was there. */
  age: number;
  /** From the client, and to it. */
  bytes: { up: number; down: number };
}

/** One proxy of `heartline proxy`, counted. Bytes are those on the client's side. */
export interface ProxySummary {
  target: string;
  connections: number;
  bytesUp: number;
  bytesDown: number;
  /** Connections the path ended, by the fault that did it; `cut` by hand. */
  ended: Record<string, number>;
  unreachable: number;
}

export interface SummaryFact {
  type: 'summary';
  lanes: Record<string, LaneSummary>;
  /** Of `heartline proxy` alone. */
  proxies?: Record<string, ProxySummary>;
  /** How many times as fast the path's time ran, where it alone ran. */
  timeScale?: number;
}

export type Fact =
  | RunFact
  | StateFact
  | RequestFact
  | ResponseFact
  | EventFact
  | HeartbeatFact
  | DropFact
  | EndedFact
  | ReconnectFact
  | ResumeFact
  | GapFact
  | FaultFact
  | PathFact
  | SleepFact
  | ServerFact
  | NoticeFact
  | FindingFact
  | PublishFact
  | TrafficFact
  | WireFact
  | SettingFact
  | ScenarioFact
  | LaneFact
  | ConnectionFact
  | SummaryFact;

export type Observation = Stamp & Fact;
export type ObservationType = Fact['type'];
