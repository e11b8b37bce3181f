import { Causes } from '../../../src/engine/evidence/causes.ts';
import { Path } from '../../../src/engine/proxy/path.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import type { Method } from '../../../src/shared/catalog.ts';
import { seeded } from '../../../src/shared/random.ts';
import { FakeClock, settle } from '../../helpers/fake-clock.ts';
import { Client } from './client.ts';
import { Origin } from './origin.ts';

export interface TrialSetup {
  via: string;
  method: Method;
  gzip?: boolean;
  fields?: readonly string[];
  holdMs?: number | null;
  /** Something is sent so often: an event, or a heartbeat. */
  eventsMs?: number | null;
  heartbeatMs?: number | null;
  /** By which the path draws its chances. */
  seed?: number;
  /** Without the event that every trial begins with. */
  mute?: boolean;
}

/** One client, the engine's own path, and an origin, in a time that stands still until it is told to pass. */
export class Trial {
  readonly clock = new FakeClock();
  readonly client: Client;
  readonly origin: Origin;
  readonly #path: Path;
  readonly #began = this.clock.now();
  #next = 1;

  private constructor({ via, method, gzip = true, fields = NO_STORE, holdMs = null, seed = 7 }: TrialSetup) {
    const { clock } = this;
    this.#path = new Path({ clock, random: seeded(seed), causes: new Causes() });
    this.#path.set(resolveVia(via === '' ? [] : [via]));
    this.origin = new Origin({ method, clock, fields, holdMs });
    const enter = () => this.#path.enter(method, '127.0.0.1', this.origin.port);
    this.client = new Client({ method, clock, enter, gzip });
  }

  static async begin(setup: TrialSetup): Promise<Trial> {
    const trial = new Trial(setup);
    await trial.origin.listen();
    await trial.client.start();
    await trial.#settle();
    if (!setup.mute && setup.method !== 'long-polling') trial.origin.publish('first');
    await trial.#settle();
    trial.#repeat(setup.eventsMs, () => trial.publish());
    trial.#repeat(setup.heartbeatMs, () => trial.origin.heartbeat());
    return trial;
  }

  /** Since it began. */
  get elapsed(): number {
    return this.clock.now() - this.#began;
  }

  /** When the client saw its end. */
  get endedAfter(): number | null {
    return this.client.ended && this.client.ended.at - this.#began;
  }

  /** An event; its text, by which the client knows it. */
  publish(padding = 0): string {
    const text = `event-${this.#next++};`;
    this.origin.publish(text + ' '.repeat(padding));
    return text;
  }

  has(text: string): boolean {
    return this.client.text.includes(text);
  }

  /** Time passes, and whatever was sent arrives. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    while (this.clock.now() < end) {
      await this.clock.pass(Math.min(this.clock.next() ?? Infinity, end - this.clock.now()));
      await this.#settle();
    }
  }

  /** Up to a moment since it began. */
  passTo(ms: number): Promise<void> {
    return this.pass(Math.max(0, ms - this.elapsed));
  }

  async end(): Promise<void> {
    this.client.stop();
    this.origin.close();
    await this.#path.close();
  }

  #repeat(every: number | null | undefined, fn: () => void): void {
    if (every == null) return;
    this.clock.after(every, () => {
      fn();
      this.#repeat(every, fn);
    });
  }

  /** Until nothing moves any more. */
  async #settle(): Promise<void> {
    for (let before = -1, now = this.#moved(); before !== now; now = this.#moved()) {
      before = now;
      await settle();
    }
  }

  #moved(): number {
    const { client, origin } = this;
    return client.bytes + origin.bytes + origin.asked + (client.ended ? 1 : 0) + (client.opened ? 1 : 0);
  }
}

/** As the built-in server says with every answer. */
export const NO_STORE = ['Cache-Control: no-store'];
