/** Entries of a HAR file (1.2, with what Chrome and Firefox add) as endpoints. Each field may be missing or of another kind. */
import type { Method } from '../catalog.ts';
import { Failure } from '../failure.ts';
import { fieldOf } from '../guards.ts';
import { importedFrom, type Imported, type LeftOut } from './imported.ts';

export interface HarEntry {
  /** From 1, as the file has them. */
  number: number;
  url: string;
  httpMethod: string;
  status: number | null;
  /** What it streams by; null: nothing in it says that it is a stream. */
  stream: Method | null;
  imported: () => Imported;
}

/** Whether a text looks like one. */
export const isHar = (text: string): boolean => /^\s*\{[\s\S]{0,200}"(log|request)"\s*:/.test(text);

/**
 * Every entry that has a request. A single entry, as a browser copies it, will do too.
 * @throws Failure `cannot-understand`
 */
export function harEntries(text: string): HarEntry[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw bad(`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const entries = fieldOf(fieldOf(file, 'log'), 'entries') ?? fieldOf(file, 'entries') ?? file;
  const list: unknown[] = Array.isArray(entries) ? entries : [entries];
  const found = list.flatMap((entry, i): HarEntry[] => {
    const request = fieldOf(entry, 'request');
    const url = textOf(fieldOf(request, 'url'));
    if (!/^(https?|wss?):\/\//i.test(url)) return [];
    const status = fieldOf(fieldOf(entry, 'response'), 'status');
    const stream = streamOf(entry, url);
    return [
      {
        number: i + 1,
        url,
        httpMethod: textOf(fieldOf(request, 'method')) || 'GET',
        status: typeof status === 'number' && status > 0 ? status : null,
        stream,
        imported: () => importEntry(request, url, stream),
      },
    ];
  });
  if (found.length === 0) throw bad('There is no request in it.');
  return found;
}

function importEntry(request: unknown, url: string, stream: Method | null): Imported {
  const leftOut: LeftOut[] = [];
  const headers = pairs(fieldOf(request, 'headers'));
  const cookies = pairs(fieldOf(request, 'cookies'));
  if (cookies.length > 0 && !headers.some(([name]) => name.toLowerCase() === 'cookie')) {
    headers.push(['Cookie', cookies.map(([name, value]) => `${name}=${value}`).join('; ')]);
  }
  const post = fieldOf(request, 'postData');
  const text = fieldOf(post, 'text');
  const params = pairs(fieldOf(post, 'params'));
  const body =
    typeof text === 'string' && text !== ''
      ? text
      : params.length > 0
        ? params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
        : null;
  const type = textOf(fieldOf(post, 'mimeType'));
  if (body !== null && type !== '' && !headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['Content-Type', type]);
  }
  if (fieldOf(post, 'encoding') === 'base64') {
    leftOut.push({ part: 'the body', reason: 'it is binary; what is followed is asked for by text' });
  }
  const httpMethod = textOf(fieldOf(request, 'method')) || null;
  return importedFrom({ url, httpMethod, headers, body, user: null, known: stream }, leftOut);
}

function streamOf(entry: unknown, url: string): Method | null {
  const kind = textOf(fieldOf(entry, '_resourceType')).toLowerCase();
  if (kind === 'websocket' || fieldOf(entry, '_webSocketMessages') !== undefined || /^wss?:/i.test(url))
    return 'websocket';
  if (kind === 'eventsource' || fieldOf(entry, '_eventSourceMessages') !== undefined) return 'sse';
  const response = fieldOf(entry, 'response');
  const type = textOf(fieldOf(fieldOf(response, 'content'), 'mimeType')).toLowerCase();
  if (/text\/event-stream|ndjson|json-seq|stream\+json/.test(type)) return 'sse';
  return fieldOf(response, 'status') === 101 ? 'websocket' : null;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const pairs = (list: unknown): [string, string][] =>
  (Array.isArray(list) ? list : []).flatMap((one): [string, string][] => {
    const name = textOf(fieldOf(one, 'name'));
    return name === '' ? [] : [[name, textOf(fieldOf(one, 'value'))]];
  });

const bad = (message: string): Failure =>
  new Failure({
    code: 'cannot-understand',
    place: 'HAR',
    message,
    hint: 'Save it from the network panel: “Save all as HAR”, or “Copy as HAR” of one entry.',
    exit: 2,
  });
