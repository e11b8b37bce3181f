import type { Values } from '../../../../shared/path/definition.ts';
import type { cache } from '../../../../shared/path/policies/cache.ts';
import { field, listIncludes, type Field, type RequestHead } from '../message.ts';
import type { Exchange } from '../policy.ts';

export type CacheParams = Values<typeof cache>;

/** Whether others may get the answer to this request: where it has a body, the answer may be about that (RFC 9110, 9.3.1). */
export const isShareable = (x: Exchange, params: Pick<CacheParams, 'private'>): boolean =>
  x.request.method === 'GET' && x.upgrade === null && !x.requestHasBody && !isPrivate(x.request, params);

/** The answer to this request is nobody else’s business. */
function isPrivate(request: RequestHead, { private: how }: Pick<CacheParams, 'private'>): boolean {
  if (how === 'kept') return false;
  return field(request, 'authorization') !== undefined || (how === 'passed' && field(request, 'cookie') !== undefined);
}

/**
 * For how long an answer may be given out again, in ms; 0 is not at all.
 * @param params `keeps`: how long where the answer does not say; `control`: whether what it says counts
 */
export function freshnessMs(head: { fields: Field[] }, params: CacheParams): number {
  const { keeps } = params;
  if (listIncludes(field(head, 'vary'), '*')) return 0;
  if (params.control === 'ignored') return keeps;
  if (field(head, 'set-cookie') !== undefined) return 0;
  const control = field(head, 'cache-control')?.toLowerCase();
  if (control === undefined) return untilExpires(head) ?? keeps;
  if (params.control === 'refused' || /\b(no-store|no-cache|private)\b/.test(control)) return 0;
  const age = /\bs-maxage="?(\d+)/.exec(control) ?? /\bmax-age="?(\d+)/.exec(control);
  return age ? Number(age[1]) * 1000 : keeps;
}

/** RFC 9111, 5.3: a date that cannot be read is in the past. */
function untilExpires(head: { fields: Field[] }): number | null {
  const expires = field(head, 'expires');
  if (expires === undefined) return null;
  if (!expires.endsWith('GMT')) return 0;
  return Math.max(0, Date.parse(expires) - Date.parse(field(head, 'date') ?? '')) || 0;
}

/** The request’s own values of what the answer varies by. */
export function varyFields(request: RequestHead, head: { fields: Field[] }): Field[] {
  const names = (field(head, 'vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter(Boolean).map((name) => [name, field(request, name) ?? '']);
}

export const matchesVary = (request: RequestHead, varies: readonly Field[]): boolean =>
  varies.every(([name, value]) => (field(request, name) ?? '') === value);
