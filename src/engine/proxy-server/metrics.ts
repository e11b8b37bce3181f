import type { ProxyCollection } from './collection.ts';

type Labels = Record<string, string>;

/** What the proxies carry, as Prometheus text (version 0.0.4). */
export function proxyMetrics(collection: ProxyCollection, version: string): string {
  const lines: string[] = [];
  const metric = (name: string, type: 'counter' | 'gauge', help: string, values: [Labels, number][]): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of values) {
      const inside = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
      lines.push(`${name}${inside.length > 0 ? `{${inside.join(',')}}` : ''} ${value}`);
    }
  };
  const proxies = collection.all.map((proxy) => ({
    labels: { proxy: proxy.name, listener: `127.0.0.1:${proxy.port}`, upstream: proxy.spec.target.text },
    proxy,
    traffic: proxy.traffic,
    summary: proxy.summary(),
  }));
  metric('heartline_info', 'gauge', 'The version that answers.', [[{ version }, 1]]);
  metric('heartline_proxies', 'gauge', 'Proxies there are.', [[{}, proxies.length]]);
  const each = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (p: (typeof proxies)[number]) => number,
  ) =>
    metric(
      `heartline_proxy_${name}`,
      type,
      help,
      proxies.map((p) => [p.labels, value(p)]),
    );
  each('enabled', 'gauge', '1 while the proxy listens, 0 while it refuses.', (p) => Number(p.proxy.spec.enabled));
  each('faults', 'gauge', 'Faults and presets on the path.', (p) => p.proxy.spec.faults.length);
  each('connections', 'gauge', 'Open client connections.', (p) => p.proxy.open);
  each('connections_total', 'counter', 'Client connections so far.', (p) => p.summary.connections);
  each('unreachable_total', 'counter', 'Connections whose target could not be reached.', (p) => p.summary.unreachable);
  metric(
    'heartline_proxy_ended_total',
    'counter',
    'Connections the path ended, by the fault that did it.',
    proxies.flatMap((p) =>
      Object.entries(p.summary.ended).map(([fault, n]): [Labels, number] => [{ ...p.labels, fault }, n]),
    ),
  );
  for (const which of ['received', 'sent'] as const) {
    metric(
      `heartline_proxy_${which}_bytes_total`,
      'counter',
      which === 'received'
        ? 'Bytes that reached the proxy: up from clients, down from the target.'
        : 'Bytes the proxy passed on: up to the target, down to clients.',
      proxies.flatMap((p) =>
        (['up', 'down'] as const).map((direction): [Labels, number] => [
          { ...p.labels, direction },
          p.traffic[which][direction],
        ]),
      ),
    );
  }
  const { user, system } = process.cpuUsage();
  metric('process_cpu_seconds_total', 'counter', 'Processor time so far.', [[{}, (user + system) / 1e6]]);
  metric('process_resident_memory_bytes', 'gauge', 'Memory held.', [[{}, process.memoryUsage.rss()]]);
  return `${lines.join('\n')}\n`;
}

const escape = (text: string): string => text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
