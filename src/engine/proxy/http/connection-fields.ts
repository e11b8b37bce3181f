import { field, listOf, type Field } from './message.ts';

/** About one connection, named in Connection or not (RFC 9110, 7.6.1). Trailer goes with the trailer it announces. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/**
 * For all recipients, so that Connection must not name them (RFC 9110, 7.6.1); one that does could take the end of a
 * message away, its host, or what a cache has to know.
 */
const END_TO_END = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expires',
  'host',
  'pragma',
  'set-cookie',
  'vary',
]);

/** Takes out the fields that are about one connection and are not passed on. */
export function dropConnectionFields(head: { fields: Field[] }): void {
  const connection = field(head, 'connection');
  const named = connection === undefined ? [] : listOf(connection).filter((name) => !END_TO_END.has(name));
  const stays = (name: string): boolean => !CONNECTION_FIELDS.has(name) && !named.includes(name);
  head.fields = head.fields.filter(([name]) => stays(name.toLowerCase()));
}

/** The protocols that may be passed on as asked for: not another HTTP, which a proxy speaks itself or not at all. */
export function requestedProtocols(upgrade: string | undefined): string | null {
  const protocols = (upgrade ?? '').split(',').map((p) => p.trim());
  return protocols.filter((p) => p !== '' && !/^(h2c?|http\/.*|tls\/.*)$/i.test(p)).join(', ') || null;
}
