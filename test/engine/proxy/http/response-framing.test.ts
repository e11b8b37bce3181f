import { request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Causes } from '../../../../src/engine/evidence/causes.ts';
import { Path } from '../../../../src/engine/proxy/path.ts';
import { resolveVia } from '../../../../src/shared/path/resolve.ts';
import { seeded } from '../../../../src/shared/random.ts';
import { steadyClock } from '../../../helpers/steady-clock.ts';
import { RESPONSE_CASES, type ResponseCase } from './response-framing-cases.ts';

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  interim: number[];
  body: string;
}

/** Asks on that connection with a strict parser that is not ours, which says where it sees the answer end. */
function ask(socket: Socket, text: string | undefined, target: string): Promise<Answer> {
  const [method = 'GET'] = text?.split(' ') ?? [];
  const upgrade = text?.includes('Upgrade') ? { Connection: 'Upgrade', Upgrade: 'websocket' } : {};
  return new Promise((resolve) => {
    const interim: number[] = [];
    let known: Omit<Answer, 'body' | 'interim'> = { status: undefined, headers: {} };
    const cut = (): void => resolve({ ...known, interim, body: 'cut' });
    const asked = request({
      method,
      path: target,
      headers: { Host: 'origin', ...upgrade },
      createConnection: () => socket,
    });
    asked.on('information', ({ statusCode }) => interim.push(statusCode));
    asked.on('error', cut);
    asked.on('close', cut);
    asked.on('response', (response) => {
      known = { status: response.statusCode, headers: response.headers };
      let body = '';
      response.setEncoding('latin1').on('data', (data: string) => (body += data));
      response.on('error', cut);
      response.on('end', () => resolve({ ...known, interim, body }));
    });
    asked.end();
  });
}

describe.each(['http-proxy', 'http-proxy:version=1.0', 'http-proxy+http-proxy', 'nginx-default', 'haproxy', 'varnish'])(
  'answers through %s',
  (via) => {
    let server: Server;
    let path: Path;
    let port: number;
    let answer: ResponseCase;

    beforeAll(async () => {
      server = createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => {});
        socket.on('data', (data) => {
          const asked = data.toString('latin1');
          if (asked.includes(' /after ')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter');
          else socket.write(answer.bytes, 'latin1');
          if (answer.fin) socket.end();
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
      server.close();
    });

    it.each(RESPONSE_CASES)('$name', async (one) => {
      answer = one;
      const { status, body, fields = {}, interim = [] } = one.expect;
      const socket = connect({ port, host: '127.0.0.1' });
      const got = await ask(socket, one.request, `/${encodeURIComponent(one.name)}`);
      // What comes to light within the body may find the head still held back.
      if (body === 'cut' && got.status === 502) return;
      expect(got.status).toBe(status);
      if (body !== undefined) expect(got.body).toBe(body);
      for (const [name, value] of Object.entries(fields)) {
        const own = got.headers[name];
        expect(Array.isArray(own) ? own.join() : own).toBe(value);
      }
      expect(got.interim).toEqual(status === 502 ? expect.any(Array) : interim);
      if (socket.destroyed || got.body === 'cut' || got.headers['connection'] === 'close') return;
      // Whoever takes a byte of the first answer for the second's gets something else than it.
      const after = await ask(socket, undefined, '/after');
      expect(['after', 'cut']).toContain(after.body);
      if (after.status !== undefined) expect(after.body).toBe('after');
      socket.destroy();
    });
  },
);
