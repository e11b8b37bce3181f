import type { EventBroker } from '../broker/event-broker.ts';

const MAX_CHANNELS_SHOWN = 100;

/** The numbers of a server as Prometheus text (version 0.0.4). */
export function metricsText({ counters, channels, connections, draining }: EventBroker): string {
  const lines: string[] = [];
  const metric = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    values: [labels: Record<string, string>, value: number][],
  ): void => {
    lines.push(`# HELP heartline_${name} ${help}`, `# TYPE heartline_${name} ${type}`);
    for (const [labels, value] of values) {
      const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
      lines.push(`heartline_${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`);
    }
  };
  const table = (counts: Record<string, number>, label: string): [Record<string, string>, number][] =>
    Object.entries(counts).map(([key, value]) => [{ [label]: key }, value]);

  let delivered = counters.polled;
  const gaps = { ...counters.gaps };
  for (const channel of channels) {
    for (const fanout of channel.fanouts) {
      delivered += fanout.delivered;
      if (fanout.gaps > 0) gaps['overtaken'] = (gaps['overtaken'] ?? 0) + fanout.gaps;
    }
  }
  metric('connections', 'gauge', 'Open TCP connections.', [[{}, connections.size]]);
  metric('open', 'gauge', 'What is held open, by kind.', [
    [{ kind: 'stream' }, counters.streams],
    [{ kind: 'held' }, counters.held],
    [{ kind: 'socket' }, counters.sockets],
  ]);
  metric('requests_total', 'counter', 'Requests to read a channel, by method.', table(counters.requests, 'method'));
  metric('published_total', 'counter', 'Events published.', [[{}, counters.published]]);
  metric('duplicates_total', 'counter', 'Publishes answered as a replay.', [[{}, counters.duplicates]]);
  metric('delivered_total', 'counter', 'Events handed to readers.', [[{}, delivered]]);
  metric('gaps_total', 'counter', 'Gaps told to readers, by reason.', table(gaps, 'reason'));
  metric('ended_total', 'counter', 'Connections the server ended, by reason.', table(counters.ended, 'reason'));
  metric('refused_total', 'counter', 'Requests refused, by code.', table(counters.refused, 'code'));
  metric('sent_bytes_total', 'counter', 'Bytes written to sockets.', [[{}, connections.bytesOut]]);
  metric('draining', 'gauge', '1 while the server lets its readers go.', [[{}, draining ? 1 : 0]]);
  const { kind, ok, behindMs, servers } = channels.health();
  metric('log_up', 'gauge', '1 while the log can be appended to, as far as is known.', [[{ log: kind }, ok ? 1 : 0]]);
  metric('log_behind_seconds', 'gauge', 'How long ago this process was last known to have everything.', [
    [{ log: kind }, behindMs / 1000],
  ]);
  metric('log_servers', 'gauge', 'Processes that share the log, this one among them.', [[{ log: kind }, servers]]);
  const logs = [...channels].slice(0, MAX_CHANNELS_SHOWN).map(({ log }) => log);
  metric(
    'log_events',
    'gauge',
    'Events kept.',
    logs.map((log) => [{ channel: log.name }, log.size().count]),
  );
  metric(
    'log_bytes',
    'gauge',
    'Bytes kept.',
    logs.map((log) => [{ channel: log.name }, log.size().bytes]),
  );
  metric(
    'log_newest',
    'gauge',
    'The seq of the newest event.',
    logs.map((log) => [{ channel: log.name }, log.bounds().newest]),
  );
  return `${lines.join('\n')}\n`;
}

const escape = (text: string): string => text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
