import type { IncomingHttpHeaders } from 'node:http';
import type { ValueLocation } from '../../../shared/protocol/dialect.ts';
import { resolvePointer } from '../../wire/json-pointer.ts';
import { exactDigits } from '../../wire/json.ts';
import { timestampOf } from '../../wire/numbers.ts';

export interface Message {
  id: string | null;
  type: string;
  time: number | null;
  data: string;
  bytes: number;
}

export interface MessageLayout {
  id: ValueLocation;
  type: ValueLocation;
  time: ValueLocation;
  data: ValueLocation;
}

/** Where a dialect says a part of a message lives, looked up. `json` is undefined when the message is not JSON. */
export function lookUp(where: ValueLocation, json: unknown, headers: Record<string, unknown>): unknown {
  if (where === null) return undefined;
  if ('header' in where) return headers[where.header.toLowerCase()];
  if ('pointer' in where) return json === undefined ? undefined : resolvePointer(json, where.pointer);
  return undefined; // fields are an event stream's
}

/** The members of a list whose messages have their parts at pointers; anything else is one message. */
export function membersOf(layout: MessageLayout, json: unknown): unknown[] {
  return usesPointers(layout) && Array.isArray(json) ? json : [json];
}

export const usesPointers = ({ id, type, time, data }: MessageLayout): boolean =>
  [id, type, time, data].some((where) => where !== null && 'pointer' in where);

/** One message, taken apart as its dialect says. @param whole what the data is when the dialect names no place */
export function parseMessage(
  layout: MessageLayout,
  json: unknown,
  headers: IncomingHttpHeaders | Record<string, string>,
  whole: string,
): Message {
  const found = (where: ValueLocation): unknown => lookUp(where, json, headers);
  const data = layout.data === null ? undefined : found(layout.data);
  return {
    id: textOf(found(layout.id)),
    type: textOf(found(layout.type)) ?? 'message',
    time: timeOf(found(layout.time)),
    data: data === undefined ? whole : typeof data === 'string' ? data : JSON.stringify(data),
    bytes: Buffer.byteLength(whole),
  };
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : exactDigits(value);
}

/** Unix ms from a number of ms, a number of seconds, or a date. */
function timeOf(value: unknown): number | null {
  if (typeof value === 'string' && /^\d{9,15}$/.test(value)) value = Number(value);
  if (typeof value === 'number') return timestampOf(value < 1e11 ? value * 1000 : value);
  const date = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? null : date;
}
