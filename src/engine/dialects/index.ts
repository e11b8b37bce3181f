import type { Method } from '../../shared/catalog.ts';
import type { Dialect } from '../../shared/protocol/dialect.ts';
import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import { heartline } from './heartline.ts';
import { nchan } from './nchan.ts';
import { plain } from './plain.ts';

export { parseDialect } from '../../shared/protocol/dialect-schema.ts';

/** The built-in dialects. A file of the same shape is as good. */
export const DIALECTS: Record<string, Dialect> = { heartline, nchan, plain };

/** @throws Failure `unknown-dialect`, with the nearest name */
export function dialectNamed(name: string, place = '--dialect'): Dialect {
  if (Object.hasOwn(DIALECTS, name)) return DIALECTS[name]!;
  const near = nearest(name, Object.keys(DIALECTS));
  throw new Failure({
    code: 'unknown-dialect',
    message: `There is no dialect "${name}".`,
    hint: near ? `Did you mean ${near}?` : `Write ${Object.keys(DIALECTS).join(', ')} or a dialect file.`,
    place,
    exit: 2,
  });
}

/**
 * A method's URL, made from a base and a channel; a query on the base stays behind the path, and WebSocket gets `ws:`.
 * @returns null when the dialect has no URL for the method
 * @throws Failure `bad-url` when the base is no http(s) or ws(s) URL
 */
export function urlFor(dialect: Dialect, method: Method, base: string, channel: string): string | null {
  const template = dialect.urls[method];
  if (template === undefined) return null;
  const text = base.trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new Failure({
      code: 'bad-url',
      message: `"${base}" is not a URL to build on.`,
      hint: 'Write something like https://example.org/app.',
      place: 'target.base',
      exit: 2,
    });
  }
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  const scheme = method === 'websocket' ? (secure ? 'wss' : 'ws') : secure ? 'https' : 'http';
  const user = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${url.password}`}@`;
  const root = `${scheme}://${user}${url.host}${url.pathname.replace(/\/+$/, '')}`;
  // a function, since a channel may contain what `replace` takes for a pattern
  const filled = template.replace('{base}', () => root).replace('{channel}', () => encodeURIComponent(channel));
  if (url.search === '') return filled;
  return `${filled}${filled.includes('?') ? '&' : '?'}${url.search.slice(1)}`;
}
