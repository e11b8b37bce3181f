/** Where the body of a message ends (RFC 9112, 6.3). A message that does not say it for certain is refused. */
import { countFields, dropField, field, listOf, MalformedMessage, setField } from './message.ts';
import type { Field, RequestHead, ResponseHead } from './message.ts';

/** How the end of a body is known. `close`: by the end of the connection. */
export type Framing = { by: 'nothing' } | { by: 'length'; length: number } | { by: 'chunks' } | { by: 'close' };

/** @throws MalformedMessage */
export function requestFraming(head: RequestHead): Framing {
  const encoding = field(head, 'transfer-encoding');
  const length = lengthOf(head);
  if (encoding !== undefined) {
    // Both, or either in HTTP/1.0, is how requests are smuggled (RFC 9112, 6.1).
    if (length !== undefined || head.version === '1.0') throw new MalformedMessage('The body has no clear end.');
    if (encoding.toLowerCase() !== 'chunked') throw unknownCoding(encoding);
    return { by: 'chunks' };
  }
  return length === undefined ? { by: 'nothing' } : { by: 'length', length };
}

/** RFC 9112, 6.1: 501 for a coding that is not known; 400 where chunked does not come last, and last only. */
function unknownCoding(encoding: string): MalformedMessage {
  const codings = listOf(encoding);
  const wellFormed = codings.every((c) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(c)) && codings.indexOf('chunked') > 0;
  const last = codings.indexOf('chunked') === codings.length - 1;
  return new MalformedMessage('The transfer coding is not known here.', wellFormed && last ? 501 : 400);
}

/** @throws MalformedMessage */
export function responseFraming(head: ResponseHead, method: string): Framing {
  const encoding = field(head, 'transfer-encoding');
  const length = lengthOf(head);
  if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status < 200) return { by: 'nothing' };
  if (encoding !== undefined) {
    if (head.version === '1.0' || encoding.toLowerCase() !== 'chunked')
      throw new MalformedMessage('The body has no clear end.', 502);
    return { by: 'chunks' };
  }
  return length === undefined ? { by: 'close' } : { by: 'length', length };
}

/**
 * One number, however often it is said (RFC 9112, 6.3, 5).
 * @throws MalformedMessage
 */
function lengthOf(head: { fields: Field[] }): number | undefined {
  const text = field(head, 'content-length');
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const values = new Set(listOf(text));
  const [only] = values;
  if (values.size !== 1 || !/^0*\d{1,15}$/.test(only!)) throw new MalformedMessage('Content-Length is not one number.');
  return Number(only);
}

/**
 * Leaves at most one Content-Length, as a plain number: none beside chunks (RFC 9112, 6.3, 3), nor in an answer that may
 * have none (RFC 9110, 8.6).
 */
export function normalizeLength(head: { fields: Field[]; status?: number }, framing: Framing): void {
  const text = field(head, 'content-length');
  if (text === undefined) return;
  const { status = 200 } = head;
  if (framing.by === 'length' && text === String(framing.length)) return;
  const chunked = field(head, 'transfer-encoding') !== undefined;
  if (framing.by === 'chunks' || framing.by === 'close' || chunked || status < 200 || status === 204)
    return dropField(head, 'content-length');
  const length = String(lengthOf(head));
  if (length === text) return;
  if (countFields(head, 'content-length') > 1) dropField(head, 'content-length');
  setField(head, 'Content-Length', length);
}
