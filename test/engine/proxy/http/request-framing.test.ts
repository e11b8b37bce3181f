import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Causes } from '../../../../src/engine/evidence/causes.ts';
import { Path } from '../../../../src/engine/proxy/path.ts';
import { resolveVia } from '../../../../src/shared/path/resolve.ts';
import { seeded } from '../../../../src/shared/random.ts';
import { steadyClock } from '../../../helpers/steady-clock.ts';
import { exchangeRaw } from './raw-exchange.ts';
import { REQUEST_CASES } from './request-framing-cases.ts';

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Behind the path stands a server with a strict parser that is not ours: it says where it sees a message end. */
describe.each(['http-proxy', 'http-proxy:version=1.0', 'http-proxy+http-proxy', 'nginx-default', 'haproxy', 'varnish'])(
  'requests through %s',
  (via) => {
    const received: Received[] = [];
    let server: Server;
    let path: Path;
    let port: number;

    beforeAll(async () => {
      server = createServer((request, response) => {
        let body = '';
        request.setEncoding('latin1').on('data', (text: string) => (body += text));
        request.on('end', () => {
          received.push({ method: request.method, url: request.url, headers: request.headers, body });
          response.setHeader('Cache-Control', 'no-store');
          response.end('answer');
        });
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      path = new Path({ clock: steadyClock(1), random: seeded(1), causes: new Causes() });
      path.set(resolveVia([via]));
      const { port: target } = server.address() as { port: number };
      ({ port } = await path.enter('sse', '127.0.0.1', target));
    });
    afterAll(async () => {
      await path.close();
      server.closeAllConnections();
      server.close();
    });

    it.each(REQUEST_CASES)('$name', async ({ bytes, expect: expected }) => {
      received.length = 0;
      // Sent ahead: whoever is wrong about the end of the case is wrong about this one.
      const text = await exchangeRaw(port, `${bytes}GET /after HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n`);
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((m) => Number(m[1]));
      if (typeof expected === 'number' || Array.isArray(expected)) {
        expect(statuses).toEqual([expected].flat());
        expect(received).toEqual([]);
        return;
      }
      const { fields = {}, ...request } = expected as Exclude<typeof expected, readonly number[]>;
      expect(received[0]).toMatchObject(request);
      for (const [name, value] of Object.entries(fields)) expect(received[0]!.headers[name]).toBe(value);
      const closes = /HTTP\/1\.0\r\n|\r\nConnection: close/.test(bytes);
      expect(received.slice(1).map(({ url }) => url)).toEqual(closes ? [] : ['/after']);
      expect(statuses).toEqual(received.map(() => 200));
    });
  },
);
