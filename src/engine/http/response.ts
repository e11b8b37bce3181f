/** Whole HTTP responses, and problem details (RFC 9457) among them: what every HTTP server of the engine answers with. */
import type { ServerResponse } from 'node:http';
import type { FailureData } from '../../shared/failure.ts';

export type Headers = Record<string, string>;

/** A complete response. `no-store` unless the headers say otherwise. */
export function respond(res: ServerResponse, status: number, headers: Headers, body?: string | Buffer): void {
  if (res.headersSent || res.destroyed) return;
  const hasBody = status !== 204 && status !== 304;
  const bytes = body === undefined ? Buffer.alloc(0) : typeof body === 'string' ? Buffer.from(body) : body;
  res.writeHead(status, {
    'Cache-Control': 'no-store',
    ...headers,
    ...(hasBody ? { 'Content-Length': String(bytes.length) } : {}),
  });
  res.end(hasBody ? bytes : undefined);
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  417: 'Expectation failed',
  421: 'Misdirected request',
  426: 'Upgrade required',
  429: 'Too many',
  431: 'Header too large',
  500: 'Internal error',
  503: 'Unavailable',
};

/** Problem details (RFC 9457) as text. `type` ends in the failure's code. */
export function problemText(status: number, failure: FailureData, extra: Record<string, unknown> = {}): string {
  const { code, message, hint, place } = failure;
  return `${JSON.stringify({
    type: `/problems/${code}`,
    title: TITLES[status] ?? 'Problem',
    status,
    detail: hint === undefined ? message : `${message} ${hint}`,
    code,
    ...(place === undefined ? {} : { place }),
    ...(hint === undefined ? {} : { hint }),
    ...extra,
  })}\n`;
}

export function respondProblem(
  res: ServerResponse,
  status: number,
  failure: FailureData,
  headers: Headers,
  extra: Record<string, unknown> = {},
): void {
  respond(res, status, { ...headers, 'Content-Type': 'application/problem+json' }, problemText(status, failure, extra));
}
