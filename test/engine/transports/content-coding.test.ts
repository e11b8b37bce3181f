/** Compressed answers, over real sockets: what is asked for, what is read, and what is said. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../../src/shared/defaults.ts';
import { watchedLane, type WatchedLane } from '../../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

type Handler = (req: IncomingMessage, res: ServerResponse & { flush?(): void }) => void;

async function lane(
  method: 'sse' | 'short-polling',
  handler: Handler,
  o: Pick<Parameters<typeof watchedLane>[0], 'headers' | 'settings'> = {},
): Promise<WatchedLane & { accepted: (string | undefined)[] }> {
  const accepted: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    accepted.push(req.headers['accept-encoding']);
    handler(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = { pollMs: 50, ...o.settings };
  const w = watchedLane({ method, url: `http://127.0.0.1:${port}/x`, dialect: 'plain', ...o, settings });
  undo.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => w.lane.close(),
  );
  w.lane.start();
  return { ...w, accepted };
}

// it comes without types
const compression = createRequire(import.meta.url)('compression') as (
  options: object,
) => (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
const middleware = compression({ threshold: 0, filter: () => true });
const throughCompression =
  (then: Handler): Handler =>
  (req, res) =>
    middleware(req, res, () => then(req, res));
const stream: Handler = (_req, res) => void res.writeHead(200, { 'content-type': 'text/event-stream' });

const coders = {
  gzip: () => zlib.createGzip(),
  deflate: () => zlib.createDeflate(),
  br: () => zlib.createBrotliCompress(),
  zstd: () => zlib.createZstdCompress(),
};
const names = Object.keys(coders) as (keyof typeof coders)[];

describe('an event stream', () => {
  it.each(names)('in %s shows each event as it was flushed', async (coding) => {
    let send = (_text: string): void => {};
    const w = await lane('sse', (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': coding });
      const coder = coders[coding]();
      coder.pipe(res);
      send = (text) => {
        coder.write(text);
        coder.flush();
      };
      send('data: one\n\n');
    });
    await w.until('event', (e) => e.data === 'one');
    send('data: two\n\n');
    await w.until('event', (e) => e.data === 'two');
    expect(w.accepted).toEqual(['gzip, deflate, br, zstd']);
    expect(w.all('drop')).toEqual([]);
  });

  it('behind the compression middleware comes when it is flushed (nestjs/nest #5762)', async () => {
    const w = await lane(
      'sse',
      throughCompression((req, res) => {
        stream(req, res);
        res.write('data: one\n\n');
        res.flush!();
      }),
    );
    await w.until('event', (e) => e.data === 'one');
  });

  it('behind it without a flush is named as held back, and with no-transform comes at once', async () => {
    const held = await lane(
      'sse',
      throughCompression((req, res) => {
        stream(req, res);
        res.write('data: one\n\n');
      }),
      { headers: { 'accept-encoding': 'gzip' } }, // brotli keeps even the head back
    );
    const { message, hint } = await held.until('notice', (n) => n.code === 'compressed');
    expect(message).toContain('10 bytes have come and no event could be read');
    expect(hint).toContain('flush after each event');
    expect(held.all('event')).toEqual([]);

    const passed = await lane(
      'sse',
      throughCompression((_req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-transform' });
        res.write('data: one\n\n');
      }),
    );
    await passed.until('event', (e) => e.data === 'one');
  }, 20_000);

  it('behind it in brotli has no head without a flush: the way to find that out is named', async () => {
    const w = await lane(
      'sse',
      throughCompression((req, res) => {
        stream(req, res);
        res.write('data: one\n\n');
      }),
    );
    const { hint } = await w.until('notice', (n) => n.code === 'head-late');
    expect(hint).toContain('--accept-encoding off');
  });

  it('that is set to off asks for the bytes as they are, and a header of one’s own wins', async () => {
    const say: Handler = (req, res) => {
      stream(req, res);
      res.write('data: one\n\n');
    };
    const off = await lane('sse', say, { settings: { acceptEncoding: 'off' } });
    await off.until('event');
    const own = await lane('sse', say, { headers: { 'Accept-Encoding': 'br' } });
    await own.until('event');
    expect([...off.accepted, ...own.accepted]).toEqual(['identity', 'br']);
  });

  it('that breaks its coding ends with a sentence, after what could be read', async () => {
    const w = await lane('sse', (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      const coder = zlib.createGzip();
      coder.on('data', (chunk: Buffer) => res.write(chunk));
      coder.write('data: one\n\n');
      coder.flush(() => setTimeout(() => res.write(Buffer.alloc(64, 0xff)), 20));
    });
    const drop = await w.until('drop');
    expect(drop).toMatchObject({
      evidence: 'protocol',
      detail: expect.stringMatching(/^the answer breaks its gzip coding: /),
    });
    expect(w.data()).toEqual(['one']);
  });

  it('that is cut shows what had come before the cut', async () => {
    const w = await lane('sse', (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      const coder = zlib.createGzip();
      coder.on('data', (chunk: Buffer) => res.write(chunk));
      coder.write('data: one\n\n');
      coder.flush(() => setImmediate(() => res.socket!.end()));
    });
    expect((await w.until('drop')).evidence).toBe('fin');
    expect(w.data()).toEqual(['one']);
  });

  it('that unfolds to very many events is read to its last, at the pace of the reader', async () => {
    const events = Array.from({ length: 30_000 }, (_, i) => `data: ${i}\n\n`).join('');
    const w = await lane('sse', (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      res.end(zlib.gzipSync(events));
    });
    await w.until('drop');
    expect(w.all('event')).toHaveLength(30_000);
  });

  it('that unfolds into an endless line ends at the limit of a line', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 ** 2, 'x'));
    const w = await lane('sse', (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      res.write(bomb);
    });
    expect(await w.until('drop')).toMatchObject({ evidence: 'protocol', detail: 'a line is longer than 1 MiB' });
  });
});

describe('a poll', () => {
  it.each(names)('in %s is read, and counted as it stood on the wire', async (coding) => {
    const text = JSON.stringify({ price: 'x'.repeat(2000) });
    const body = { gzip: zlib.gzipSync, deflate: zlib.deflateRawSync, br: zlib.brotliCompressSync, zstd: zlib.zstdCompressSync }[coding](text); // prettier-ignore
    const w = await lane('short-polling', (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding }).end(body);
    });
    await w.until('event');
    expect(w.data()).toEqual([text]);
    expect((await w.until('response')).bytes).toBe(body.length);
  });

  it.each([204, 304])('answered %i has no body to decode', async (status) => {
    const w = await lane('short-polling', (_req, res) => {
      res.writeHead(status, { 'content-encoding': 'gzip' }).end();
    });
    await w.until('response', () => w.all('response').length === 2);
    expect(w.all('drop')).toEqual([]);
  });

  it('of an unknown coding, or broken off in it, is no event', async () => {
    const unknown = await lane('short-polling', (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'lzma' }).end('{"a":1}');
    });
    const { message } = await unknown.until('notice', (n) => n.code === 'unknown-coding');
    expect(message).toBe('The server answers with the content coding lzma, which is not known here.');
    const broken = await lane('short-polling', (_req, res) => {
      const body = zlib.gzipSync('{"a":1}').subarray(0, -6);
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
    });
    expect(await broken.until('drop')).toMatchObject({ evidence: 'protocol', detail: expect.stringContaining('gzip') });
    expect([...unknown.all('event'), ...broken.all('event')]).toEqual([]);
  });

  it('that unfolds past the limit of an answer ends there', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(DEFAULTS.limits.answer + 1, 'x'));
    const w = await lane('short-polling', (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    });
    await w.until('notice', (n) => n.code === 'answer-too-big');
  });
});
