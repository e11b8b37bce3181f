import type { ServerView } from '../../shared/api.ts';
import type { ServerFact } from '../../shared/observation.ts';
import { formatCursor } from '../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import type { ChannelLog } from '../log/event-log.ts';
import type { EventBroker } from './broker/event-broker.ts';

/** How much of either end of the log a view shows. */
const VIEW_EVENTS = 20;

/** What the server holds, and what it has done, in numbers. */
export function serverCounters({ counters, connections }: EventBroker, log: ChannelLog): Omit<ServerFact, 'type'> {
  const { epoch, floor, newest } = log.bounds();
  return {
    streams: counters.streams,
    sockets: counters.sockets,
    held: counters.held,
    requests: Object.values(counters.requests).reduce((sum, n) => sum + n, 0),
    published: counters.published,
    head: formatCursor(epoch, newest),
    floor: formatCursor(epoch, floor),
    retained: log.size().count,
    bytesOut: connections.bytesOut,
  };
}

/** The same by method, with both ends of a channel's log. */
export function serverView({ counters }: EventBroker, log: ChannelLog): ServerView {
  const { epoch, floor, newest } = log.bounds();
  const { count, bytes } = log.size();
  return {
    requests: { ...counters.requests },
    polled: counters.polled,
    held: counters.held,
    streams: counters.streams,
    sockets: counters.sockets,
    head: formatCursor(epoch, newest),
    floor: formatCursor(epoch, floor),
    retained: count,
    retainedBytes: bytes,
    tail: log.read(Math.max(floor, newest - VIEW_EVENTS), VIEW_EVENTS).map(viewOf),
    oldest: log.read(floor, VIEW_EVENTS).map(viewOf),
  };
}

const viewOf = ({ cursor, type, time, data }: LogEvent): ServerView['tail'][number] => ({ cursor, type, time, data });
