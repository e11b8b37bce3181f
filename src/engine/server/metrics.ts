import type { Hub } from './hub.ts';
import type { Tally } from './tally.ts';

/** The numbers of a server as Prometheus text (version 0.0.4). */
export function metricsText(
  tally: Tally,
  hubs: ReadonlyMap<string, Hub>,
  more: { connections: number; bytesOut: number; draining: boolean },
): string {
  const lines: string[] = [];
  const metric = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    values: [labels: Record<string, string>, value: number][],
  ): void => {
    lines.push(`# HELP heartline_${name} ${help}`, `# TYPE heartline_${name} ${type}`);
    for (const [labels, value] of values) {
      const inside = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
      lines.push(`heartline_${name}${inside.length > 0 ? `{${inside.join(',')}}` : ''} ${value}`);
    }
  };
  const table = (counts: Record<string, number>, label: string): [Record<string, string>, number][] =>
    Object.entries(counts).map(([key, value]) => [{ [label]: key }, value]);

  let delivered = tally.polled;
  const gaps = { ...tally.gaps };
  for (const hub of hubs.values()) {
    for (const fanout of hub.fanouts) {
      delivered += fanout.delivered;
      if (fanout.gaps > 0) gaps['overtaken'] = (gaps['overtaken'] ?? 0) + fanout.gaps;
    }
  }
  metric('connections', 'gauge', 'Open TCP connections.', [[{}, more.connections]]);
  metric('open', 'gauge', 'What is held open, by kind.', [
    [{ kind: 'stream' }, tally.streams],
    [{ kind: 'held' }, tally.held],
    [{ kind: 'socket' }, tally.sockets],
  ]);
  metric('requests_total', 'counter', 'Requests to read a channel, by method.', table(tally.requests, 'method'));
  metric('published_total', 'counter', 'Events published.', [[{}, tally.published]]);
  metric('duplicates_total', 'counter', 'Publishes answered as a replay.', [[{}, tally.duplicates]]);
  metric('delivered_total', 'counter', 'Events handed to readers.', [[{}, delivered]]);
  metric('gaps_total', 'counter', 'Gaps told to readers, by reason.', table(gaps, 'reason'));
  metric('ended_total', 'counter', 'Connections the server ended, by reason.', table(tally.ended, 'reason'));
  metric('refused_total', 'counter', 'Requests refused, by code.', table(tally.refused, 'code'));
  metric('sent_bytes_total', 'counter', 'Bytes written to sockets.', [[{}, more.bytesOut]]);
  metric('draining', 'gauge', '1 while the server lets its readers go.', [[{}, more.draining ? 1 : 0]]);
  const channels = [...hubs.entries()].slice(0, 100);
  metric(
    'log_events',
    'gauge',
    'Events kept.',
    channels.map(([channel, hub]) => [{ channel }, hub.log.size().count]),
  );
  metric(
    'log_bytes',
    'gauge',
    'Bytes kept.',
    channels.map(([channel, hub]) => [{ channel }, hub.log.size().bytes]),
  );
  metric(
    'log_newest',
    'gauge',
    'The seq of the newest event.',
    channels.map(([channel, hub]) => [{ channel }, hub.log.bounds().newest]),
  );
  return `${lines.join('\n')}\n`;
}

const escape = (text: string): string => text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
