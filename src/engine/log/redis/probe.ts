import { connect } from 'node:net';
import { Failure } from '../../../shared/failure.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { RedisAddress } from './address.ts';

/** Real milliseconds. */
const PROBE_MS = 1000;

/** Why something that takes connections does not answer as Redis does; null when it says nothing that would tell. */
export function whatAnswers({ host, port, shown }: RedisAddress, clock: Clock): Promise<Failure | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (failure: Failure | null): void => {
      cancel();
      socket.destroy();
      resolve(failure);
    };
    const cancel = clock.after(PROBE_MS * clock.scale, () => done(null));
    socket.on('error', () => done(null));
    socket.on('connect', () => socket.write('*1\r\n$4\r\nPING\r\n'));
    socket.once('data', (bytes) => {
      const first = String.fromCharCode(bytes[0]!);
      if ('+-:$*'.includes(first)) return done(null);
      const [message, hint] =
        bytes[0] === 0x15
          ? [`What answers at ${shown} speaks TLS.`, 'Write rediss:// instead of redis://.']
          : [`What answers at ${shown} does not speak Redis.`, 'Check the host and the port.'];
      done(new Failure({ code: 'bad-log', place: '--log', message, hint, exit: 3 }));
    });
  });
}
