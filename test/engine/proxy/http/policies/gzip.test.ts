import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
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
    expect(body()).toHaveLength(0);
    origin.write(piece('data: 2\n\n'));
    await eventually(() => body().length > 0);
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
});
