import { describe, expect, it } from 'vitest';
import { METHODS } from '../../../src/shared/catalog.ts';
import { DIALECTS, dialectNamed, parseDialect, urlFor } from '../../../src/engine/dialects/index.ts';

describe('dialects', () => {
  it('built in or from a file, they have one shape', () => {
    for (const dialect of Object.values(DIALECTS)) {
      expect(parseDialect(JSON.parse(JSON.stringify(dialect)), 'x.json')).toEqual(dialect);
    }
  });

  it('are found by name, and the nearest is offered', () => {
    expect(dialectNamed('nchan')).toBe(DIALECTS['nchan']);
    expect(() => dialectNamed('nchann')).toThrow(
      expect.objectContaining({ code: 'unknown-dialect', hint: 'Did you mean nchan?', place: '--dialect' }),
    );
    expect(() => dialectNamed('constructor')).toThrow(expect.objectContaining({ code: 'unknown-dialect' }));
  });

  it.each([
    ['a missing key', (d: any) => delete d.poll.ask, /poll\.ask/],
    ['a wrong value', (d: any) => (d.dense = 'yes'), /dense/],
    ['an unknown key', (d: any) => (d.sse.foo = 1), /sse\.foo/],
    ['a bad pointer', (d: any) => (d.poll.body.events = 'events'), /poll\.body\.events/],
    ['an unknown framing', (d: any) => (d.websocket.framing = 'stomp'), /websocket\.framing/],
    ['a template without {base}', (d: any) => (d.urls.sse = '/sse'), /urls\.sse/],
  ])('%s is named', (_, break_, names) => {
    const d = structuredClone(DIALECTS['heartline']) as any;
    break_(d);
    expect(() => parseDialect(d, 'mine.json')).toThrow(
      expect.objectContaining({
        code: 'bad-dialect',
        exit: 2,
        place: expect.stringMatching(names),
        message: expect.stringMatching(names),
      }),
    );
  });

  it.each([null, 3, 'text', []])('%j is no dialect', (json) => {
    expect(() => parseDialect(json, 'mine.json')).toThrow(expect.objectContaining({ code: 'bad-dialect' }));
  });
});

describe('the URL of a method', () => {
  const { heartline, nchan, plain } = DIALECTS as Record<string, (typeof DIALECTS)[string]>;

  it('follows from base and channel', () => {
    expect(METHODS.map((m) => urlFor(nchan!, m, 'http://127.0.0.1:80/', 'a b'))).toEqual([
      'http://127.0.0.1/poll/a%20b',
      'http://127.0.0.1/longpoll/a%20b',
      'http://127.0.0.1/sse/a%20b',
      'ws://127.0.0.1/ws/a%20b',
    ]);
    expect(urlFor(heartline!, 'websocket', 'https://x.test/app', 'demo')).toBe('wss://x.test/app/events/demo');
    expect(urlFor(heartline!, 'sse', 'wss://x.test', 'demo')).toBe('https://x.test/events/demo');
  });

  it('keeps what the base asks for', () => {
    expect(urlFor(heartline!, 'sse', 'http://u:p@x.test/a/?token=1', 'demo')).toBe(
      'http://u:p@x.test/a/events/demo?token=1',
    );
    expect(urlFor(heartline!, 'sse', 'http://x.test', '$&')).toBe('http://x.test/events/%24%26');
  });

  it('is null where there is no door, and a bad base is named', () => {
    expect(urlFor(plain!, 'sse', 'http://x.test', 'demo')).toBeNull();
    for (const base of ['x.test', 'ftp://x.test', '']) {
      expect(() => urlFor(heartline!, 'sse', base, 'demo')).toThrow(
        expect.objectContaining({ code: 'bad-url', place: 'target.base' }),
      );
    }
  });
});
