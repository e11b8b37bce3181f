import type { EventLog } from '../event-log.ts';
import type { LogOptions } from '../options.ts';
import { parseRedisAddress } from './address.ts';
import { RedisChannel } from './channel.ts';
import { RedisServer } from './server.ts';

/**
 * The log that several processes share. Each of them keeps a window of the channels it serves, so reading costs no round
 * trip; appending costs one.
 * @throws Failure `bad-log` (exit 2, or 3 where Redis is at fault), `log-unreachable`, `log-auth`, `log-shared` … (exit 3)
 */
export async function redisLog(address: string, options: LogOptions): Promise<EventLog> {
  const server = new RedisServer(parseRedisAddress(address), options);
  await server.open();
  const channels = new Map<string, RedisChannel>();
  return {
    channel(name) {
      let channel = channels.get(name);
      if (!channel) channels.set(name, (channel = new RedisChannel(name, server)));
      return channel;
    },
    channels: () => [...channels.keys()],
    forget(name) {
      const channel = channels.get(name);
      if (!channel?.unused) return;
      channel.close();
      channels.delete(name);
    },
    async lose() {
      await server.store.lose();
      await Promise.all([...channels.values()].filter((c) => c.loaded).map((channel) => channel.refresh(null)));
    },
    setRetention: (retention) => server.setRetention(retention),
    health: () => server.health(),
    close: () => server.close(),
  };
}
