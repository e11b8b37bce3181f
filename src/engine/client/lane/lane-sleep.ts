import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { SleepFact } from '../../../shared/observation.ts';
import type { ClientNetwork } from '../net/network.ts';
import type { FreezableClock } from './freezable-clock.ts';
import type { LaneState, StateSnapshot } from './lane-state.ts';

/** An event that waits through more sleeps than this is hardly one to measure. */
const MAX_REMEMBERED_SLEEPS = 100;

interface Sleep {
  beganAt: number;
  /** What the sleep interrupted. */
  interrupted: StateSnapshot;
  timers: 'fire' | 'resume';
  cancel: Cancel;
  woken: Promise<void>;
  resolveWoken: () => void;
}

interface LaneSleepOptions {
  state: LaneState;
  /** Engine time, which runs on while the lane sleeps. */
  clock: Clock;
  laneClock: FreezableClock;
  network: ClientNetwork;
  note: (fact: SleepFact) => void;
}

/** A lane asleep: its clock and its sockets stand still, as those of a suspended machine do. */
export class LaneSleep {
  readonly #options: LaneSleepOptions;
  #sleep: Sleep | null = null;
  /** The newest sleeps that are over. */
  readonly #past: { from: number; to: number }[] = [];

  constructor(options: LaneSleepOptions) {
    this.#options = options;
  }

  /** Resolves with the wake; null while awake. */
  woken(): Promise<void> | null {
    return this.#sleep?.woken ?? null;
  }

  /** How long the lane has slept since engine time `at`, ms. */
  asleepSince(at: number): number {
    return this.#past.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, at)), 0);
  }

  begin(ms: number, timers: 'fire' | 'resume'): void {
    const { state, clock, laneClock, network, note } = this.#options;
    if (this.#sleep || !state.may('asleep')) return;
    const until = Math.round(clock.now() + ms);
    const { promise: woken, resolve: resolveWoken } = Promise.withResolvers<void>();
    const cancel = clock.after(ms, () => this.end());
    this.#sleep = { beganAt: clock.now(), interrupted: state.current, timers, cancel, woken, resolveWoken };
    note({ type: 'sleep', phase: 'begin', what: 'lane', until, timers });
    state.transition('asleep', 'sleep', { until });
    laneClock.freeze();
    network.freeze();
  }

  end(): void {
    const sleep = this.#finish();
    if (!sleep) return;
    const { state: laneState, laneClock, network, note } = this.#options;
    const { state, phase, until } = sleep.interrupted;
    note({ type: 'sleep', phase: 'end', what: 'lane', timers: sleep.timers });
    laneState.transition(state, 'wake', { ...(phase ? { phase } : {}), ...(until === null ? {} : { until }) });
    network.markWake();
    // timers first, then what waits on the wire: the order in which an event loop wakes
    laneClock.thaw(sleep.timers);
    network.thaw();
  }

  /** Stops a lane that is asleep: no timer may fire and nothing may be read any more. @param abort ends its connection */
  cancel(abort: () => void): void {
    if (!this.#finish()) return;
    const { laneClock, network, note } = this.#options;
    note({ type: 'sleep', phase: 'end', what: 'lane' });
    abort();
    laneClock.thaw('resume');
    network.thaw();
  }

  #finish(): Sleep | null {
    const sleep = this.#sleep;
    if (!sleep) return null;
    this.#sleep = null;
    this.#past.push({ from: sleep.beganAt, to: this.#options.clock.now() });
    if (this.#past.length > MAX_REMEMBERED_SLEEPS) this.#past.shift();
    sleep.cancel();
    sleep.resolveWoken();
    return sleep;
  }
}
