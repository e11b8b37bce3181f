import { describe, expect, it } from 'vitest';
import { METHODS } from '../../../src/shared/catalog.ts';
import { readFileSync } from 'node:fs';
import { DIALECTS, dialectNamed, urlFor } from '../../../src/engine/dialects/index.ts';
import { parseDialectText } from '../../../src/shared/dialect/document.ts';
import { dialectToYaml } from '../../../src/shared/dialect/write.ts';
import { HEARTLINE_V1 } from '../../helpers/dialect.ts';

describe('the built-in dialects', () => {
  it('can be written out, and are read back as they were', () => {
    expect(Object.keys(DIALECTS)).toEqual(expect.arrayContaining(['heartline', 'nchan', 'plain']));
    for (const [name, dialect] of Object.entries(DIALECTS)) {
      expect(dialect.name).toBe(name);
      expect(parseDialectText(dialectToYaml(dialect), 'x.yaml')).toEqual(dialect);
    }
  });

  it('are found by name, and the nearest is offered', () => {
    expect(dialectNamed('nchan')).toBe(DIALECTS['nchan']);
    expect(() => dialectNamed('nchann')).toThrow(
      expect.objectContaining({ code: 'unknown-dialect', hint: 'Did you mean nchan?', place: '--dialect' }),
    );
    expect(() => dialectNamed('constructor')).toThrow(expect.objectContaining({ code: 'unknown-dialect' }));
  });

  it.each(['heartline', 'nchan'])('%s means what its file of version 1 meant', (name) => {
    const file = new URL(`../../fixtures/dialect-v1/${name}.json`, import.meta.url);
    const { methods, ids } = parseDialectText(readFileSync(file, 'utf8'), `${name}.json`);
    expect(ids).toEqual(DIALECTS[name]!.ids);
    for (const method of METHODS) {
      const { url, framing, cursor, hold, more, ended, nothingNew } = methods[method]!;
      expect(DIALECTS[name]!.methods[method]).toMatchObject({ url, framing, cursor, hold, more, ended, nothingNew });
    }
  });
});

describe('a dialect file of version 1', () => {
  it.each([
    ['a missing key', (d: any) => delete d.poll.ask, /poll\.ask/],
    ['a wrong value', (d: any) => (d.dense = 'yes'), /dense/],
    ['an unknown key', (d: any) => (d.sse.foo = 1), /sse\.foo/],
    ['a bad pointer', (d: any) => (d.poll.body.events = 'events'), /poll\.body\.events/],
    ['an unknown framing', (d: any) => (d.websocket.framing = 'stomp'), /websocket\.framing/],
    ['a template without {base}', (d: any) => (d.urls.sse = '/sse'), /urls\.sse/],
  ])('%s is named', (_, break_, names) => {
    const d = structuredClone(HEARTLINE_V1);
    break_(d);
    expect(() => parseDialectText(JSON.stringify(d), 'mine.json')).toThrow(
      expect.objectContaining({
        code: 'bad-dialect',
        exit: 2,
        place: expect.stringMatching(names),
        message: expect.stringMatching(names),
      }),
    );
  });

  it.each([null, 3, 'text', []])('%j is no dialect', (json) => {
    expect(() => parseDialectText(JSON.stringify(json), 'mine.json')).toThrow(
      expect.objectContaining({ code: 'bad-dialect' }),
    );
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
