import type { Channel } from '../../server/broker/channel.ts';
import { HttpError } from '../../server/http/http-error.ts';

const MAX_MEMBERS = 16;

/** The members that joined on one WebSocket, by channel. */
export class Memberships {
  /** Most connections join nobody. */
  #byChannel: Map<Channel, Set<string>> | null = null;

  /** @throws HttpError 429 */
  join(channel: Channel, member: string): void {
    this.#byChannel ??= new Map();
    let joined = this.#byChannel.get(channel);
    if (!joined) this.#byChannel.set(channel, (joined = new Set()));
    if (joined.has(member)) return;
    if (joined.size >= MAX_MEMBERS) {
      throw new HttpError(429, {
        code: 'limit',
        place: 'join',
        message: `This connection speaks for ${MAX_MEMBERS} people already.`,
      });
    }
    joined.add(member);
    channel.join(member);
  }

  leave(channel: Channel, member: string): void {
    if (this.#byChannel?.get(channel)?.delete(member)) channel.leave(member);
  }

  leaveAll(): void {
    if (!this.#byChannel) return;
    for (const [channel, members] of this.#byChannel) for (const member of members) channel.leave(member);
    this.#byChannel = null;
  }
}
