import type { WorkloadName } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';

/** What a workload publishes through. */
export interface WorkloadIo {
  /** `terminal`: a state that will not change soon, so that pollers may slow down until something else follows. */
  publish(type: string, data: string, extra?: { terminal?: boolean }): unknown;
  /** Nothing will follow on this channel. */
  end?(): unknown;
  /** An event was not taken, and the workload goes on. */
  missed?(error: unknown): void;
  /** Something ephemeral, never logged: who is typing. */
  signal?(data: unknown): void;
  /** A publish failed (a full disk, say), and the workload has ended by it. Called once, last. */
  failed(error: unknown): void;
  /** It does not keep its rate: events a second. */
  tooSlow(wanted: number, kept: number): void;
  clock: Clock;
  random: Random;
}

/** What a person may set instead of a workload's own pace; null is its own. */
export interface Pace {
  /** Events a second, bursts averaged out. */
  rate: number | null;
  /** Bytes of data an event. */
  size: number | null;
  /** Events that come together. */
  burst: number | null;
}

/** One kind of traffic. `run` publishes until it is done or until `context.wait` rejects. */
export interface Workload {
  name: WorkloadName;
  /** A sentence: what comes, and how fast. */
  describe(pace: Pace): string;
  run(context: WorkloadContext): Promise<void>;
}

/** What a workload runs with: pace, random numbers, time and publishing. */
export interface WorkloadContext {
  readonly pace: Pace;
  readonly random: Random;
  publish(type: string, data: object | string, extra?: { terminal?: boolean }): void;
  signal(data: unknown): void;
  end(): void;
  /** Lets so many engine milliseconds pass since the last wait was due, so that work in between adds no drift. */
  wait(ms: number): Promise<void>;
  /** `own` milliseconds, or what `--rate` makes of a burst of so many events. */
  interval(own: number, events?: number): number;
  /** An integer from `min` to `max`, or what `--burst` says. */
  burst(min: number, max?: number): number;
  randomBetween(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
}
