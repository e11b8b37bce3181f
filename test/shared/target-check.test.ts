import { expect, it } from 'vitest';
import { targetProblems } from '../../src/shared/target-check.ts';
import { urlParts } from '../../src/shared/url-parts.ts';
import type { RemoteTarget } from '../../src/shared/target.ts';

const dialects = [{ name: 'heartline', methods: ['sse', 'websocket'] as const }];
const good: RemoteTarget = {
  kind: 'remote',
  name: 'n',
  base: 'http://127.0.0.1:80',
  urls: {},
  channel: 'demo',
  headers: {},
  dialect: 'heartline',
};
const fields = (t: Partial<RemoteTarget>): string[] => targetProblems({ ...good, ...t }, dialects).map((p) => p.field);

it('has nothing to say about a good target', () => {
  expect(fields({})).toEqual([]);
  expect(fields({ base: null, urls: { sse: 'https://[::1]:8443/a?b=c', websocket: 'wss://example.test/ws' } })).toEqual(
    [],
  );
});

it.each<[Partial<RemoteTarget>, string]>([
  [{ name: ' ' }, 'name'],
  [{ base: 'example.test/events' }, 'base'],
  [{ base: 'ftp://example.test' }, 'base'],
  [{ base: 'http://example.test:99999' }, 'base'],
  [{ base: null }, 'base'],
  [{ urls: { sse: 'ws://example.test' } }, 'urls.sse'],
  [{ urls: { websocket: 'nonsense' } }, 'urls.websocket'],
  [{ channel: 'a b' }, 'channel'],
  [{ channel: '' }, 'channel'],
  [{ headers: { 'Bad Name': 'x' } }, 'headers.Bad Name'],
  [{ headers: { Host: 'x' } }, 'headers.Host'],
  [{ headers: { 'X-A': 'x\r\nInjected: y' } }, 'headers.X-A'],
  [{ dialect: 'klingon' }, 'dialect'],
])('names the field of %j', (change, field) => {
  expect(fields(change)).toEqual([field]);
});

it('offers the scheme when only that is missing', () => {
  const [problem] = targetProblems({ ...good, base: '127.0.0.1:8080/x' }, dialects);
  expect(problem!.hint).toContain('http://127.0.0.1:8080/x');
});

it('takes a URL apart', () => {
  expect(urlParts('https://user:pw@h.test:8443/p?q#f')).toEqual({
    scheme: 'https:',
    host: 'h.test',
    port: 8443,
    rest: '/p?q#f',
  });
  expect(urlParts('http://')).toBeNull();
});
