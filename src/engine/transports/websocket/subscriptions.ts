import { formatCursor } from '../../../shared/protocol/cursor.ts';
import type { Channel, Subscriber } from '../../server/broker/channel.ts';
import { Follower, type EventSink, type Fanout } from '../../wire/fanout.ts';
import { FRAMES } from './server-messages.ts';

interface Subscription {
  channel: Channel;
  fanout: Fanout;
  follower: Follower;
}

/** The channels that one WebSocket follows, by name. */
export class Subscriptions {
  readonly #subscriber: Subscriber;
  readonly #sink: EventSink;
  readonly #byName = new Map<string, Subscription>();

  constructor(subscriber: Subscriber, sink: EventSink) {
    this.#subscriber = subscriber;
    this.#sink = sink;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** The channel followed, where it is just one. */
  get only(): Channel | null {
    if (this.#byName.size !== 1) return null;
    return this.#byName.values().next().value!.channel;
  }

  /** Follows a channel from a position of its present epoch. */
  add(channel: Channel, position: number): void {
    const fanout = channel.fanout(FRAMES);
    const follower = new Follower(this.#sink, channel.log.bounds().epoch, position);
    this.#byName.set(channel.log.name, { channel, fanout, follower });
    channel.subscribers.add(this.#subscriber);
    fanout.add(follower);
  }

  remove(name: string): void {
    const subscription = this.#byName.get(name);
    if (!subscription) return;
    subscription.fanout.remove(subscription.follower);
    subscription.channel.subscribers.delete(this.#subscriber);
    this.#byName.delete(name);
  }

  clear(): void {
    for (const name of [...this.#byName.keys()]) this.remove(name);
  }

  nameOf(follower: Follower): string | null {
    for (const [name, subscription] of this.#byName) if (subscription.follower === follower) return name;
    return null;
  }

  /** Writes on from where each reader is. */
  resume(): void {
    for (const { fanout, follower } of this.#byName.values()) fanout.resume(follower);
  }

  /** The newest cursor of each channel. */
  newest(): Record<string, string> {
    const newest: Record<string, string> = {};
    for (const [name, { channel }] of this.#byName) {
      const bounds = channel.log.bounds();
      newest[name] = formatCursor(bounds.epoch, bounds.newest);
    }
    return newest;
  }
}
