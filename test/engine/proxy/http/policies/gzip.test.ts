import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, head, piece, STREAM } from '../rig.ts';
import { EVENT, open, rig, start, unchunk } from './policy-rig.ts';

describe('gzip', () => {
  it('delivers each event with the next one, in a body that can be read', async () => {
    await start('gzip:hold=one-behind');
    const { client, origin } = await open(get('/sse', 'Accept-Encoding: gzip'));
    origin.write(head('200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked', 'ETag: "a"'));
    origin.write(EVENT);
    await eventually(() => client.text.includes('gzip'));
    await rig.clock.sleep(5000);
    const body = (): Buffer => Buffer.from(unchunk(client.text), 'latin1');
    expect(body()).toEqual(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]));
    origin.write(piece('data: 2\n\n'));
    await eventually(() => body().length > 10);
    expect(client.text).toContain('ETag: W/"a"');
    origin.write('0\r\n\r\n');
    await eventually(() => client.text.endsWith('0\r\n\r\n'));
    expect(gunzipSync(body()).toString()).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('adds to what an answer varies by', async () => {
    await start('gzip:hold=prompt');
    const { client, origin } = await open(get('/', 'Accept-Encoding: gzip'));
    origin.write(head('200 OK', 'Content-Type: text/plain', 'Content-Length: 2', 'Vary: Origin') + 'ok');
    await eventually(() => client.text.includes('Content-Encoding: gzip'));
    expect(client.text).toContain('Vary: Origin, Accept-Encoding\r\n');
  });

  it('is for those who ask', async () => {
    await start('gzip');
    const { client, origin } = await open();
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
  });

  describe('as npm compression does it', () => {
    const ask = (...fields: string[]): Promise<{ client: End; origin: End }> =>
      open(get('/sse', 'Accept-Encoding: gzip', ...fields));

    it('gives status, head and the 10 bytes of the gzip header with the first event, and the events at the end', async () => {
      await start('node-compression');
      const { client, origin } = await ask();
      origin.write(STREAM);
      await rig.clock.sleep(2000);
      expect(client.text).toBe('');
      origin.write(EVENT);
      await eventually(() => client.text.includes('\r\n\r\na\r\n'));
      expect(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*content-encoding: gzip\r\n/i);
      origin.write(piece('data: 2\n\n'));
      await rig.clock.sleep(5000);
      expect(unchunk(client.text)).toHaveLength(10);
      origin.write('0\r\n\r\n');
      await eventually(() => client.text.endsWith('0\r\n\r\n'));
      expect(gunzipSync(Buffer.from(unchunk(client.text), 'latin1')).toString()).toBe('data: 1\n\ndata: 2\n\n');
    });

    it('gives events sooner once there are so many that zlib has a block of them', async () => {
      await start('node-compression');
      const { client, origin } = await ask();
      origin.write(STREAM + piece(`data: ${'0123456789'.repeat(12_000)}\n\n`));
      await eventually(() => unchunk(client.text).length > 10);
    });

    it('passes what must not be transformed, at once and with its ETag', async () => {
      await start('node-compression');
      const { client, origin } = await ask();
      const fields = ['Content-Type: text/event-stream', 'Cache-Control: no-cache, no-transform', 'ETag: "a"'];
      origin.write(head('200 OK', ...fields, 'Transfer-Encoding: chunked') + EVENT);
      await eventually(() => client.text.endsWith(EVENT));
      expect(client.text).toMatch(/etag: "a"/i);
      expect(client.text).not.toMatch(/content-encoding/i);
    });
  });
});
