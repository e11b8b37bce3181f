import { Causes } from '../../src/engine/evidence/causes.ts';
import { memoryLog } from '../../src/engine/log/index.ts';
import { EventServer, type ServerSettings } from '../../src/engine/server/event-server.ts';
import { TRANSPORTS } from '../../src/engine/transports/index.ts';
import type { Retention } from '../../src/engine/log/event-log.ts';
import { DEFAULTS } from '../../src/shared/defaults.ts';
import { seeded } from '../../src/shared/random.ts';
import { steadyClock } from './steady-clock.ts';

/** The embedded server on a free port, with a log in memory. */
export async function eventServer(settings: Partial<ServerSettings> = {}, retain: Partial<Retention> = {}) {
  const clock = steadyClock();
  const causes = new Causes();
  const log = memoryLog({ clock, random: seeded(3), retention: { ...DEFAULTS.retain, ...retain } });
  const server = new EventServer({
    transports: TRANSPORTS,
    host: '127.0.0.1',
    port: 0,
    log,
    clock,
    causes,
    random: seeded(4),
    settings: {
      heartbeatMs: null,
      holdMs: 25_000,
      holdCapMs: null,
      maxAgeMs: 600_000,
      advice: 'auto',
      cors: 'off',
      ...settings,
    },
  });
  const { url } = await server.listen();
  const head = (): string => {
    const { epoch, newest } = log.channel('demo').bounds();
    return `${epoch}.${newest}`;
  };
  return {
    server,
    log,
    causes,
    url,
    head,
    publish: (data: string, type = 'tick') => server.publish('demo', { type, data }),
  };
}
