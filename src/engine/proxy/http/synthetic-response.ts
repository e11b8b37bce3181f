import { STATUS_CODES } from 'node:http';
import type { Cause } from '../../../shared/catalog.ts';
import type { ActivePolicies } from './active-policies.ts';
import { setField, writeHead, type Field } from './message.ts';
import type { ErrorPage, RequestFailure, SyntheticResponse } from './policy.ts';

/** The bytes of an answer of the intermediary's own. */
export function encodeResponse(
  { status, reason, fields = [], body, fired }: SyntheticResponse,
  { method, keep, policies }: { method: string; keep: boolean; policies: ActivePolicies },
): Buffer {
  const page = reason === undefined && body === undefined ? errorPage(status, fired?.cause, policies) : null;
  const reasonPhrase = reason ?? page?.reason ?? STATUS_CODES[status] ?? '';
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  const defaultPage = `<html><body><h1>${status} ${reasonPhrase}</h1></body></html>\r\n`;
  const content = body ?? (bodiless ? '' : (page?.body ?? defaultPage));
  const head: { fields: Field[] } = { fields: [...fields] };
  if (content !== '' && body === undefined) setField(head, 'Content-Type', page?.type ?? 'text/html');
  if (!bodiless || content !== '') setField(head, 'Content-Length', String(Buffer.byteLength(content, 'latin1')));
  if (!keep) setField(head, 'Connection', 'close');
  const text = writeHead(`HTTP/1.1 ${status} ${reasonPhrase}`, head.fields);
  return Buffer.from(method === 'HEAD' ? text : text + content, 'latin1');
}

/** How the error looks; null where it is not about the origin. */
function errorPage(status: number, cause: Cause | undefined, policies: ActivePolicies): ErrorPage | null {
  if (status < 400 || cause === 'refuse') return null;
  const failure: RequestFailure =
    cause === undefined || cause === 'kept-connection'
      ? 'died'
      : cause === 'target-unreachable'
        ? 'unreachable'
        : 'silent';
  return policies.errorPage(status, failure, STATUS_CODES[status] ?? '');
}
