import type { SleepTimers } from '../../shared/catalog.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { Failure } from '../../shared/failure.ts';
import { Lane, type LaneOptions, type LaneSettings } from '../client/lane/lane.ts';

/** The lanes of a run, and what is done to all of them at once. */
export class RunLanes {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();
  #offline = false;
  #asleepUntil: number | null = null;
  #wakeTimer: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): ReadonlyMap<string, Lane> {
    return this.#lanes;
  }

  get offline(): boolean {
    return this.#offline;
  }

  /** When the lanes wake, where all were put to sleep. */
  get asleepUntil(): number | null {
    return this.#asleepUntil;
  }

  start(options: LaneOptions): void {
    const lane = new Lane({ ...options, offline: this.#offline });
    this.#lanes.set(options.id, lane);
    lane.start();
    // one that comes while all sleep wakes with them
    if (this.#asleepUntil !== null) lane.sleep(Math.max(1, this.#asleepUntil - this.#clock.now()), 'fire');
  }

  /** @throws Failure `unknown-lane` */
  get(id: string): Lane {
    const lane = this.#lanes.get(id);
    if (lane) return lane;
    throw new Failure({
      code: 'unknown-lane',
      message: `There is no lane "${id}".`,
      hint: `The lanes are ${[...this.#lanes.keys()].join(', ')}.`,
      place: 'lane',
    });
  }

  /** Each lane its own. */
  set(settingsOf: (id: string) => LaneSettings): void {
    for (const [id, lane] of this.#lanes) lane.set(settingsOf(id));
  }

  /** In this order from now on. */
  reorder(ids: readonly string[]): void {
    const lanes = ids.map((id) => [id, this.get(id)] as const);
    this.#lanes.clear();
    for (const [id, lane] of lanes) this.#lanes.set(id, lane);
  }

  /** Stops it and lets go of it. */
  async remove(id: string): Promise<void> {
    const lane = this.get(id);
    lane.stop();
    this.#lanes.delete(id);
    await lane.close();
  }

  sleep(ms: number, timers: SleepTimers): void {
    for (const lane of this.#lanes.values()) lane.sleep(ms, timers);
    if (timers === 'throttled') return;
    this.#asleepUntil = Math.round(this.#clock.now() + ms);
    this.#wakeTimer?.();
    this.#wakeTimer = this.#clock.after(ms, () => (this.#asleepUntil = null));
  }

  wake(): void {
    for (const lane of this.#lanes.values()) lane.wake();
    this.#asleepUntil = null;
    this.#wakeTimer?.();
  }

  setOffline(offline: boolean): void {
    this.#offline = offline;
    for (const lane of this.#lanes.values()) lane.setOffline(offline);
  }

  async close(): Promise<void> {
    this.#wakeTimer?.();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }
}
