import type { Cancel } from '../../../shared/clock.ts';
import type { Backplane, BackplaneListener } from '../event-log.ts';
import type { RedisStore } from './store.ts';

/** Who is on one channel, and what is called out on it, across processes. */
export class RedisBackplane implements Backplane {
  readonly #store: RedisStore;
  readonly #channel: string;
  readonly #server: string;
  /** Members of this process. */
  readonly #own = new Set<string>();
  /** Members elsewhere, and on which servers. */
  readonly #others = new Map<string, Set<string>>();
  readonly #listeners = new Set<BackplaneListener>();

  constructor(store: RedisStore, channel: string, server: string) {
    this.#store = store;
    this.#channel = channel;
    this.#server = server;
  }

  get unused(): boolean {
    return this.#own.size === 0 && this.#listeners.size === 0;
  }

  signal(data: string): void {
    // ephemeral: one that cannot be told now is of no use later
    this.#store.signal(this.#channel, data).catch(() => {});
  }

  join(member: string): void {
    this.#own.add(member);
    this.#store.join(this.#channel, member).catch(() => {}); // told again once Redis is back
  }

  leave(member: string): void {
    this.#own.delete(member);
    this.#store.leave(this.#channel, member).catch(() => {});
  }

  members(): Iterable<string> {
    return this.#others.keys();
  }

  has(member: string): boolean {
    return this.#others.has(member);
  }

  listen(listener: BackplaneListener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  signalled(server: string, data: string): void {
    if (server !== this.#server) for (const listener of this.#listeners) listener.signal(data);
  }

  joined(server: string, member: string): void {
    if (server === this.#server) return;
    const servers = this.#others.get(member);
    if (servers) servers.add(server);
    else {
      this.#others.set(member, new Set([server]));
      for (const listener of this.#listeners) listener.joined(member);
    }
  }

  left(server: string, member: string): void {
    if (server === this.#server) return;
    const servers = this.#others.get(member);
    if (!servers?.delete(server) || servers.size > 0) return;
    this.#others.delete(member);
    for (const listener of this.#listeners) listener.left(member);
  }

  /** Looks who is there, and says again who is here: some of it was not heard, or was lost. */
  async refresh(): Promise<void> {
    for (const member of this.#own) await this.#store.join(this.#channel, member);
    const now = await this.#store.members(this.#channel);
    for (const { server, member } of now) {
      if (server !== this.#server) this.joined(server, member);
      else if (!this.#own.has(member)) await this.#store.leave(this.#channel, member); // it could not be told then
    }
    const there = new Set(now.map(({ server, member }) => `${server} ${member}`));
    for (const [member, servers] of [...this.#others]) {
      for (const server of [...servers]) if (!there.has(`${server} ${member}`)) this.left(server, member);
    }
  }
}
