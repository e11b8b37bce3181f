/** Heads of HTTP/1.1 messages as they come in (RFC 9112, 2 to 5). What is in doubt is refused, never mended by a guess. */
import { isOws, MalformedMessage, TOKEN, trimOws, type Field, type RequestHead, type ResponseHead } from './message.ts';

export const HEAD_LIMIT = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const HTAB = 9;
const CR = 13;
const LF = 10;
/** All control characters but HTAB (RFC 9110, 5.5). */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
/**
 * Where the head that starts the bytes ends: the offset after its empty line, or -1 while it is not all there.
 * @throws MalformedMessage 431 when it is longer than a head may be; 400 when a line of it ends in LF alone
 */
export function headEnd(bytes: Buffer): number {
  const at = bytes.indexOf(HEAD_END);
  if ((at < 0 ? bytes.length : at) > HEAD_LIMIT) throw new MalformedMessage('The head is too long.', 431);
  if (at >= 0) return at + 4;
  // It would be waited for in vain: RFC 9112, 2.2 lets a recipient take such a line, or refuse it.
  for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, lf + 1))
    if (bytes[lf - 1] !== CR) throw new MalformedMessage('A line ends in LF without CR.');
  return -1;
}

/** @throws MalformedMessage */
export function parseRequest(head: Buffer): RequestHead {
  const lines = linesOf(head);
  const m = /^([^ ]+) ([^ ]+) HTTP\/(\d)\.(\d)$/.exec(lines[0]!);
  if (!m || !TOKEN.test(m[1]!) || /[\t#]/.test(m[2]!)) throw new MalformedMessage('The request line is malformed.');
  if (m[3] !== '1') throw new MalformedMessage(`HTTP/${m[3]}.${m[4]} is not spoken here.`, 505);
  return { method: m[1]!, target: m[2]!, version: m[4] === '0' ? '1.0' : '1.1', fields: fieldsOf(lines, false) };
}

/** @throws MalformedMessage */
export function parseResponse(head: Buffer): ResponseHead {
  const lines = linesOf(head);
  const m = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: (.*))?$/.exec(lines[0]!);
  if (!m) throw new MalformedMessage('The status line is malformed.', 502);
  const version = m[1] === '0' ? '1.0' : '1.1';
  return { status: Number(m[2]), reason: m[3] ?? '', version, fields: fieldsOf(lines, true) };
}

function linesOf(head: Buffer): string[] {
  for (let at = 0; at < head.length; at++) {
    const byte = head[at]!;
    if (byte >= 32 ? byte !== 127 : byte === HTAB) continue;
    if (byte === CR && head[at + 1] === LF) at++;
    else throw new MalformedMessage('A control character is in the head.');
  }
  return head.toString('latin1', 0, head.length - 4).split('\r\n');
}

function fieldsOf(lines: readonly string[], response: boolean): Field[] {
  const fields: Field[] = [];
  for (let i = 1; i < lines.length; i++) fields.push(readField(lines[i]!, response));
  return fields;
}

/**
 * One field line; a folded one is none (RFC 9112, 5.2).
 * @param response whitespace before the colon is taken out of responses, and refused in requests (RFC 9112, 5.1)
 */
function readField(line: string, response: boolean): Field {
  const colon = line.indexOf(':');
  let end = colon;
  while (response && end > 0 && isOws(line.charCodeAt(end - 1))) end--;
  const name = line.slice(0, Math.max(0, end));
  if (!TOKEN.test(name)) throw new MalformedMessage('A header field is malformed.');
  return [name, trimOws(line.slice(colon + 1))];
}

/** A field line of a trailer. @throws MalformedMessage */
export function parseTrailerField(line: string): Field {
  if (CONTROL.test(line)) throw new MalformedMessage('A control character is in the trailer.');
  return readField(line, false);
}
