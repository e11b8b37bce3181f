/** What the paths that compress do to a lane that asks as a browser does: nothing is called fine that a browser does not see. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import { watchedLab, type WatchedLab } from '../../helpers/watched-lab.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

/** An SSE lane to an origin that sends an event every half second, over a path. */
async function over(via: string, acceptEncoding?: string, headers = {}): Promise<WatchedLab> {
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    const send = (): unknown => res.write('data: tick\n\n');
    const timer = setInterval(send, 500);
    send();
    res.on('close', () => clearInterval(timer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ticks`;
  const target = { kind: 'remote', name: 'ticks', base: null, urls: {}, channel: 'x', headers: {}, dialect: 'plain' } as const; // prettier-ignore
  const w = await watchedLab({
    target,
    lanes: [{ method: 'sse', url }],
    path: resolveVia([via]),
    ...(acceptEncoding === undefined ? {} : { acceptEncoding }),
  });
  undo.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => w.close(),
  );
  return w;
}

const compressed = (w: WatchedLab) => w.noted('notice').filter((n) => n.code === 'compressed');

it.each(['node-compression', 'varnish-gzip'])(
  '%s: the lane opens, sees no event, and says why (nestjs/nest #5762)',
  async (via) => {
    const w = await over(via);
    await w.until('it is said', () => compressed(w).length > 0);
    expect(compressed(w)[0]).toMatchObject({ level: 'warn', message: expect.stringContaining('10 bytes have come') });
    expect(w.lane('sse').state).toBe('open');
    expect(w.noted('event')).toEqual([]);
  },
);

it('node-compression: with no-transform every event comes at once (nestjs/nest #5762)', async () => {
  const w = await over('node-compression', undefined, { 'cache-control': 'no-transform' });
  await w.until('events', () => w.noted('event').length >= 3);
  const [first, , third] = w.noted('event');
  expect(third!.at - first!.at).toBeLessThan(2000);
  expect(compressed(w)).toEqual([]);
});

it('haproxy-gzip: every event comes with the next one', async () => {
  const w = await over('haproxy-gzip');
  await w.until('events', () => w.noted('event').length >= 3);
  expect(compressed(w)).toEqual([]);
});

it('nginx-gzip: nothing opens, and it is said that the head is held', async () => {
  const w = await over('nginx-gzip');
  await w.until('it is said', () => w.noted('notice').some((n) => n.code === 'head-late' && n.level === 'warn'));
  expect(w.noted('event')).toEqual([]);
});

it.each(['node-compression', 'haproxy-gzip'])('%s does nothing to who accepts no coding', async (via) => {
  const w = await over(via, 'off');
  await w.until('events', () => w.noted('event').length >= 3);
  expect(compressed(w)).toEqual([]);
});
