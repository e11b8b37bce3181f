import { countFields, dropField, field, MalformedMessage, type RequestHead } from './message.ts';

/** uri-host with an optional port (RFC 9110, 7.2): an IP literal, an address or a registered name. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[\w\-.~%!$&'()*+;=]*)(?::\d*)?$/;

/**
 * One target and one host, whatever form they came in: origin-form, and the Host that the target itself names
 * (RFC 9112, 3.2).
 * @param authority the host of a request in HTTP/1.0 that names none
 * @throws MalformedMessage where either is missing, doubled or no host
 */
export function resolveTarget(request: RequestHead, authority: string): void {
  const hosts = countFields(request, 'host');
  if (hosts > 1 || (hosts === 0 && request.version === '1.1'))
    throw new MalformedMessage('There is not one Host field.');
  if (hosts === 1 && !HOST.test(field(request, 'host')!)) throw new MalformedMessage('The Host field is no host.');
  const { method, target } = request;
  if (hosts === 0) request.fields.unshift(['Host', authority]);
  if (target.startsWith('/') || (target === '*' && method === 'OPTIONS')) return;
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  if (!absolute || absolute[1] === '' || !HOST.test(absolute[1]!))
    throw new MalformedMessage('The request target is malformed.');
  const path = absolute[2]!;
  request.target = path.startsWith('/') ? path : path === '' && method === 'OPTIONS' ? '*' : `/${path}`;
  // RFC 9112, 3.2.2: the Host that came is ignored. It goes first, as RFC 9110, 7.2 has it.
  dropField(request, 'host');
  request.fields.unshift(['Host', absolute[1]!]);
}
