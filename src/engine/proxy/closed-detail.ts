import type { ClosedInfo } from './tcp/faults/fault.ts';

/**
 * What the record says of an end: `60 s without a byte: fin`, `30 s without an answer: 503 / none`. Two words are what the
 * client got and what the server did.
 * @param assumed that the source of a preset does not tell how it ends: what is played is a guess
 */
export function closedDetail({ client, server, cause, clientGot, detail }: ClosedInfo, assumed: boolean): string {
  const got = clientGot ?? client;
  // Where the server was never dialled, or not reached, nothing was done to it.
  const alone = cause === 'target-unreachable' || (cause === 'refuse' && clientGot === undefined);
  const how = alone || got === server ? got : `${got} / ${server}`;
  const words = assumed && clientGot === undefined && client === 'fin' ? `${how}, assumed` : how;
  return detail ? `${detail}: ${words}` : words;
}

const CLIENT_SAW: Record<string, string> = {
  fin: 'the client got FIN',
  rst: 'the client was reset',
  silence: 'the client was told nothing',
  'black-hole': 'the client was told nothing',
  none: 'the client was told nothing',
};

/** What became of a client whose target cannot be reached, and what would help where a certificate is not trusted. */
export function unreachableNotice(closed: ClosedInfo): { message: string; hint?: string } {
  const { client, clientGot, detail } = closed;
  const did = clientGot === undefined ? CLIENT_SAW[client] : `the client got ${clientGot}`;
  const why = detail?.replace(/^the origin cannot be reached \((.*)\)$/, '$1'); // said once is enough
  const message = `The path cannot reach the target${why ? ` (${why})` : ''}; ${did}.`;
  if (!/CERT|UNABLE_TO_/.test(detail ?? '')) return { message };
  const hint =
    'Its certificate is not trusted: name the file of its authority in NODE_EXTRA_CA_CERTS, or let the client speak TLS.';
  return { message, hint };
}
