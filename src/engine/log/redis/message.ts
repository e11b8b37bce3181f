import { formatCursor } from '../../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';

/** What a script tells on the Pub/Sub channel of a channel. */
export type Message =
  | { kind: 'event'; epoch: string; origin: string; event: LogEvent }
  | { kind: 'end' }
  | { kind: 'signal'; server: string; data: string }
  | { kind: 'join' | 'leave'; server: string; member: string };

/** Null when it is none of ours. */
export function parseMessage(text: string): Message | null {
  switch (text[0]) {
    case 'E': {
      const [, epoch, seqText, time, terminal, origin, type, data] =
        /^E(\w+) (\d+) (-?\d+) (\d) (\S*)\n([^\n]*)\n([^]*)$/.exec(text) ?? [];
      if (epoch === undefined) return null;
      const event = newEvent(epoch, Number(seqText), type!, Number(time), data!, terminal === '1');
      return { kind: 'event', epoch, origin: origin!, event };
    }
    case 'X':
      return { kind: 'end' };
    case 'S': {
      const at = text.indexOf('\n');
      return { kind: 'signal', server: text.slice(1, at), data: text.slice(at + 1) };
    }
    case 'J':
    case 'Q': {
      const at = text.indexOf(' ');
      const [server, member] = [text.slice(1, at), text.slice(at + 1)];
      return { kind: text[0] === 'J' ? 'join' : 'leave', server, member };
    }
    default:
      return null;
  }
}

export const signalText = (server: string, data: string): string => `S${server}\n${data}`;

export function newEvent(
  epoch: string,
  seq: number,
  type: string,
  time: number,
  data: string,
  terminal: boolean,
): LogEvent {
  const event: LogEvent = { cursor: formatCursor(epoch, seq), seq, type, time, data };
  if (terminal) event.terminal = true;
  return event;
}
