import { describe, expect, it } from 'vitest';
import { harEntries, isHar } from '../../../src/shared/import/har.ts';

const entry = (url: string, more: object = {}, request: object = {}): object => ({
  request: { method: 'GET', url, headers: [], ...request },
  response: { status: 200, content: { mimeType: 'text/html' } },
  ...more,
});
const har = (...entries: object[]): string => JSON.stringify({ log: { version: '1.2', entries } });

describe('a HAR file', () => {
  it('tells the streams from the rest', () => {
    const entries = harEntries(
      har(
        entry('https://a.example/'),
        entry('https://a.example/s', { _resourceType: 'eventsource' }),
        entry('wss://a.example/w', { _webSocketMessages: [] }),
        entry('https://a.example/n', { response: { status: 200, content: { mimeType: 'application/x-ndjson' } } }),
        { comment: 'no request' },
        entry('data:text/plain,x'),
      ),
    );
    expect(entries.map(({ number, stream }) => [number, stream])).toEqual([
      [1, null],
      [2, 'sse'],
      [3, 'websocket'],
      [4, 'sse'],
    ]);
  });

  it('gives an endpoint, with what the browser sent', () => {
    const [one] = harEntries(
      har(
        entry(
          'https://a.example/chat',
          { response: { status: 200, content: { mimeType: 'text/event-stream' } } },
          {
            method: 'POST',
            headers: [
              { name: ':authority', value: 'a.example' },
              { name: 'authorization', value: 'Bearer t0ken' },
              { name: 'content-length', value: '12' },
            ],
            cookies: [{ name: 'sid', value: 'c00kie' }],
            postData: { mimeType: 'application/json', text: '{"stream":true}' },
          },
        ),
      ),
    );
    expect(one!.imported()).toMatchObject({
      method: 'sse',
      by: 'as the browser noted',
      target: {
        urls: { sse: 'https://a.example/chat' },
        headers: { Cookie: 'sid=c00kie', 'Content-Type': 'application/json' },
        auth: { type: 'bearer', token: 't0ken' },
        body: '{"stream":true}',
      },
    });
  });

  it('a single entry will do, as a browser copies it', () => {
    expect(harEntries(JSON.stringify(entry('https://a.example/s')))).toHaveLength(1);
    expect(isHar(har(entry('https://a.example/s')))).toBe(true);
    expect(isHar(JSON.stringify(entry('https://a.example/s')))).toBe(true);
    expect(isHar('name: x')).toBe(false);
  });

  it.each(['', '{', '{}', '[]', '{"log":{"entries":[{}]}}', '{"log":5}'])('%s is none, and says so', (text) => {
    expect(() => harEntries(text)).toThrow(
      expect.objectContaining({ code: 'cannot-understand', place: 'HAR' }) as Error,
    );
  });
});
