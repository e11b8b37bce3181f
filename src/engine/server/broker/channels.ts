import type { Clock } from '../../../shared/clock.ts';
import { Failure } from '../../../shared/failure.ts';
import type { EventLog, LogHealth } from '../../log/event-log.ts';
import { CatchUpQueue } from '../../wire/catch-up.ts';
import type { Follower } from '../../wire/fanout.ts';
import { Channel } from './channel.ts';

/** So many channels without an event are kept before it is looked for those that nobody uses. */
const MAX_UNUSED = 1000;

/** The channels of a server, by name. Reading one creates it: those that are still unused make room for others. */
export class Channels {
  readonly #log: EventLog;
  readonly #limit: number;
  readonly #catchUp: CatchUpQueue<Follower>;
  readonly #byName = new Map<string, Channel>();
  /** Those without an event when last looked at. */
  readonly #unusedCandidates = new Set<Channel>();
  /** How many candidates there are when next looked at: twice those that were in use, so that looking stays cheap. */
  #evictAt = MAX_UNUSED;

  constructor(log: EventLog, limit: number, clock: Clock) {
    this.#log = log;
    this.#catchUp = new CatchUpQueue<Follower>(clock);
    this.#limit = limit;
  }

  /** @throws Failure `bad-channel`, `too-many-channels` */
  get(name: string): Channel {
    const known = this.#byName.get(name);
    if (known) return known;
    if (!/^[A-Za-z0-9._:~@!$+-]{1,128}$/.test(name) || /^\.+$/.test(name)) {
      throw new Failure({
        code: 'bad-channel',
        place: 'channel',
        message: `${JSON.stringify(name.slice(0, 64))} is not a channel's name.`,
        hint: 'Use up to 128 letters, digits and . _ : ~ @ ! $ + -',
      });
    }
    if (this.#byName.size >= this.#limit || this.#unusedCandidates.size >= this.#evictAt) this.#evictUnused();
    if (this.#byName.size >= this.#limit) {
      throw new Failure({
        code: 'too-many-channels',
        place: 'channel',
        message: `This server has its ${this.#limit} channels already.`,
        hint: 'Use one of them.',
      });
    }
    const channel = new Channel(this.#log.channel(name), this.#catchUp);
    this.#byName.set(name, channel);
    this.#unusedCandidates.add(channel);
    return channel;
  }

  [Symbol.iterator](): Iterator<Channel> {
    return this.#byName.values();
  }

  /** Every channel begins again, without an event. */
  lose(): void | Promise<void> {
    for (const channel of this.#byName.values()) this.#unusedCandidates.add(channel);
    return this.#log.lose();
  }

  /** How the log under them is. */
  health(): LogHealth {
    return this.#log.health();
  }

  close(): void {
    for (const channel of this.#byName.values()) channel.close();
  }

  #evictUnused(): void {
    for (const channel of this.#unusedCandidates) {
      if (channel.unused) {
        channel.close();
        this.#byName.delete(channel.log.name);
        this.#log.forget(channel.log.name);
      } else if (channel.log.bounds().newest === 0) continue;
      this.#unusedCandidates.delete(channel);
    }
    this.#evictAt = Math.max(MAX_UNUSED, 2 * this.#unusedCandidates.size);
  }
}
