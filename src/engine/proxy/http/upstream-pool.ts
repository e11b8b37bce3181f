import type { Clock } from '../../../shared/clock.ts';
import type { Causes } from '../../evidence/causes.ts';
import { Upstream, type UpstreamSocket } from './upstream.ts';

export interface UpstreamPoolSetup {
  dial(): Promise<UpstreamSocket>;
  clock: Clock;
  causes: Causes;
  /** The client's side, as the path knows it. */
  port: number;
}

/** The connections of one client connection to the origin: at most one that waits for a request, and those that serve one. */
export class UpstreamPool {
  /** Why the last connection failed; empty where it did not. */
  failure = '';
  #setup: UpstreamPoolSetup;
  #open = new Set<Upstream>();
  #idle: Upstream | null = null;

  constructor(setup: UpstreamPoolSetup) {
    this.#setup = setup;
  }

  /** Those that something may come between. */
  get pluggable(): Upstream[] {
    return [...this.#open].filter((up) => up.alive && !up.encrypted);
  }

  get encryptedCount(): number {
    return [...this.#open].filter((up) => up.encrypted).length;
  }

  async open(): Promise<Upstream> {
    const idle = this.#idle;
    this.#idle = null;
    if (idle?.alive) return idle;
    const { socket, raw, hasHop } = await this.#setup.dial();
    this.failure = '';
    socket.once('error', (e: NodeJS.ErrnoException) => (this.failure = e.code ?? e.message));
    const up = new Upstream(socket, raw);
    up.hasHop = hasHop;
    this.#open.add(up);
    up.onClosed = () => {
      this.#open.delete(up);
      if (this.#idle === up) this.#idle = null;
    };
    const link = (): void => this.#setup.causes.link(raw.localPort!, this.#setup.port);
    if (raw.connecting) raw.once('connect', link);
    else link();
    return up;
  }

  /** It is free for another request. @param wanted whether there can be one */
  release(up: Upstream, wanted: boolean): void {
    if (!wanted || this.#idle?.alive) up.end('fin', this.#setup.clock);
    else this.#idle = up;
  }

  endIdle(): void {
    this.#idle?.end('fin', this.#setup.clock);
    this.#idle = null;
  }

  destroy(): void {
    for (const up of this.#open) up.destroy();
  }
}
