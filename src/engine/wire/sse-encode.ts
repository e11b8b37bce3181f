/** Events as text/event-stream (WHATWG HTML, 9.2), ready for the socket. */
import type { Gap, LogEvent } from '../../shared/protocol/events.ts';

/** Data lines. `data` has no CR, so LF is the only line end to care for. */
const dataLines = (data: string): string =>
  data.includes('\n') ? `data: ${data.replaceAll('\n', '\ndata: ')}\n` : `data: ${data}\n`;

/** `time` is a field the standard ignores and our own parser hands out. */
export const sseEvent = (e: LogEvent): string =>
  `id: ${e.cursor}\nevent: ${e.type}\ntime: ${e.time}\n${dataLines(e.data)}\n`;

/** A control event. Without an `id` unless given, so that it never moves the reader's cursor. */
export const sseControl = (event: 'hello' | 'gap' | 'bye' | 'end', data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** The reader's cursor becomes `resume`, which it can come back with. */
export const sseGap = (gap: Gap): string => sseControl('gap', gap, gap.resume);

export const sseRetry = (ms: number): string => `retry: ${Math.round(ms)}\n\n`;

export const sseHeartbeat = (cursor: string): string => `: hb ${cursor}\n\n`;

/** One HTTP/1.1 chunk (RFC 9112, 7.1) around a text. */
export const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
