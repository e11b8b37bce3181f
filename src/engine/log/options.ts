import type { Clock } from '../../shared/clock.ts';
import { Failure } from '../../shared/failure.ts';
import type { Random } from '../../shared/random.ts';
import type { Retention } from './event-log.ts';

export interface LogOptions {
  clock: Clock;
  /** Draws the epochs. */
  random: Random;
  retention: Retention;
}

export const channelEnded = (name: string): Failure =>
  new Failure({
    code: 'channel-ended',
    place: 'channel',
    message: `The channel ${name} has ended; nothing can follow.`,
    hint: 'Publish on another channel.',
  });
