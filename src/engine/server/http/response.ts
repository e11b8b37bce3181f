import type { ServerResponse } from 'node:http';
import { formatCursor, type Bounds } from '../../../shared/protocol/cursor.ts';
import { failureData } from '../../../shared/failure.ts';
import { respondProblem, type Headers } from '../../http/response.ts';
import type { Broker } from '../broker/broker.ts';
import { HttpError, statusOf } from './http-error.ts';
import { corsHeaders } from './origin.ts';

/** Sent with every response. While the server drains, every response closes its connection. */
export function responseHeaders({ settings, draining }: Broker): Headers {
  return {
    Vary: 'Accept, Prefer',
    ...corsHeaders(settings.cors),
    ...(draining ? { Connection: 'close' } : {}),
  };
}

/** The bounds of the channel as response headers. */
export function eventsHeaders(bounds: Bounds, cursor: number): Headers {
  return {
    'Events-Cursor': formatCursor(bounds.epoch, cursor),
    'Events-Floor': formatCursor(bounds.epoch, bounds.floor),
    'Events-Newest': formatCursor(bounds.epoch, bounds.newest),
  };
}

/** `Retry-After` in whole seconds, and `Events-Retry-Ms` so that clients do not all reconnect in the same second. */
export const retryAfterHeaders = (ms: number): Headers => ({
  'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))),
  'Events-Retry-Ms': String(Math.round(ms)),
});

/** Problem details for whatever a handler threw. */
export function respondError(res: ServerResponse, thrown: unknown, headers: Headers): void {
  const errorHeaders = thrown instanceof HttpError ? thrown.headers : {};
  respondProblem(res, statusOf(thrown), failureData(thrown), { ...headers, ...errorHeaders });
}
