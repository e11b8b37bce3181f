/** The event server as it ships, alone in a process. */
import { Causes } from '../../../src/engine/evidence/causes.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import { openLog } from '../../../src/engine/log/index.ts';
import { EventServer } from '../../../src/engine/server/event-server.ts';
import { TRANSPORTS } from '../../../src/engine/transports/index.ts';
import { DEFAULTS } from '../../../src/shared/defaults.ts';
import { seeded } from '../../../src/shared/random.ts';
import { answerOrders } from '../child.ts';

const clock = realClock();
const random = seeded(1);
const server = new EventServer({
  transports: TRANSPORTS,
  host: '127.0.0.1',
  port: 0,
  log: await openLog('memory', { clock, random: random.fork('log'), retention: DEFAULTS.retain }),
  clock,
  random: random.fork('server'),
  causes: new Causes(),
  settings: {
    heartbeatMs: DEFAULTS.heartbeatMs,
    holdMs: DEFAULTS.holdMs,
    holdCapMs: null,
    maxAgeMs: DEFAULTS.connectionAgeMs,
    cors: 'off',
    advice: 'auto',
  },
});

answerOrders({
  async listen() {
    await server.listen();
    return { port: server.port };
  },
});
