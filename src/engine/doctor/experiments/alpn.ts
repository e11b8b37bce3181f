import tls from 'node:tls';
import { isIP } from 'node:net';
import { hostOf, portOf } from '../../check/probe.ts';
import type { Experiment } from './experiment.ts';

const WITHIN_MS = 5000;

/** One handshake that offers HTTP/2, and no request. */
export const alpn: Experiment = {
  name: 'alpn',
  methods: ['sse', 'long-polling'],
  codes: ['six-connections'],
  cost: () => ({ connections: 1, requests: 0 }),
  async run(x) {
    const { m } = x;
    if (!m.secure || !x.ledger.take()) return;
    const url = new URL(m.url);
    const host = hostOf(url);
    const socket = tls.connect({
      ...x.o.tls,
      host,
      port: portOf(url, true),
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(isIP(host) ? {} : { servername: host }),
    });
    const agreed = new Promise<string | null>((resolve) => {
      socket.once('secureConnect', () => resolve(socket.alpnProtocol || 'none'));
      socket.once('error', () => resolve(null));
      socket.once('close', () => resolve(null));
    });
    const late = x.rest(WITHIN_MS).then(() => null);
    m.alpn = await Promise.race([agreed, late]);
    socket.destroy();
  },
};
