import type { IncomingHttpHeaders } from 'node:http';
import { parseJsonObject } from '../../wire/json.ts';

/** More of a server's own words than this is no sentence. */
const MAX_LENGTH = 300;
const WORDED = ['application/problem+json', 'application/json', 'text/plain', 'text/html'];
// eslint-disable-next-line no-control-regex -- whatever it is, it stays one line
const CONTROLS_AND_SPACES = /[\x00-\x20\x7f-\x9f]+/g;
/** Where a JSON refusal says why: RFC 9457 first, then what is usual. */
const KEYS = ['detail', 'title', 'message', 'error_description', 'error', 'reason'];

/** `text/html; charset=utf-8` → `text/html`. */
export const mediaType = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

/** Whether a refusal's body may explain it, so that it is worth waiting for. */
export const mayExplain = (headers: IncomingHttpHeaders): boolean =>
  headers['content-length'] !== '0' && WORDED.includes(mediaType(headers));

/** What a server says of its own refusal, in one line; null where it says nothing. */
export function refusalWords(headers: IncomingHttpHeaders, body: string | undefined): string | null {
  if (body === undefined || !mayExplain(headers)) return null;
  const line = textOf(mediaType(headers), body).replaceAll(CONTROLS_AND_SPACES, ' ').trim();
  return line === '' ? null : line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

function textOf(type: string, body: string): string {
  if (type === 'text/plain') return body;
  if (type === 'text/html') return /<title[^>]*>([^<]*)/i.exec(body)?.[1] ?? '';
  const json = parseJsonObject(body);
  const nested = json?.['error'];
  const fields = typeof nested === 'object' && nested !== null ? { ...json, ...nested } : (json ?? {});
  for (const key of KEYS) {
    const said: unknown = Reflect.get(fields, key);
    if (typeof said === 'string' && said !== '') return said;
  }
  return '';
}
