import type { Method } from '../../../shared/catalog.ts';
import { fillText, type TemplateValues } from '../../../shared/dialect/template.ts';
import type { TargetAuth } from '../../../shared/endpoint/auth.ts';
import type { TargetRequest } from '../../../shared/endpoint/remote-target.ts';
import { isRecord } from '../../../shared/guards.ts';
import type { RemoteTarget } from '../../../shared/target.ts';
import { parseJson } from '../../wire/json.ts';
import type { AttemptRequest, PlannedRequest } from './attempt.ts';
import { fillMessage } from './fill.ts';

/** A target's request for one method: what it says of the method laid over what it says of all. */
export function requestOf(target: RemoteTarget, method: Method): TargetRequest & { headers: Record<string, string> } {
  const own = target.methods?.[method] ?? {};
  const { httpMethod, body, subprotocols, open } = { ...target, ...own };
  return {
    headers: { ...target.headers, ...own.headers },
    ...(target.query || own.query ? { query: { ...target.query, ...own.query } } : {}),
    ...(httpMethod === undefined ? {} : { httpMethod }),
    ...(body === undefined ? {} : { body }),
    ...(subprotocols === undefined ? {} : { subprotocols }),
    ...(open === undefined ? {} : { open }),
  };
}

/** By what method a request goes out, where a dialect says nothing else. */
export const httpMethodOf = ({ httpMethod, body }: TargetRequest): string =>
  (httpMethod ?? (body === undefined ? 'GET' : 'POST')).toUpperCase();

/** Such a request may be sent again without a word: it changes nothing (RFC 9110, 9.2.1). */
export const isSafeMethod = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS', 'QUERY', 'REPORT'].includes(method);

interface Around {
  request: ReturnType<typeof requestOf>;
  auth: TargetAuth | undefined;
  /** Whether a text of the endpoint or its dialect says where the token goes. */
  tokenPlaced: boolean;
  values: TemplateValues;
  accept: string;
  cookie: string | null;
}

/** @throws NoValue where a template has none */
export function compose(plan: PlannedRequest, o: Around): AttemptRequest {
  const { request, values } = o;
  const fill = (text: string): string | undefined => fillText(text, values);
  const own: Record<string, string> = {};
  for (const [name, text] of Object.entries(request.headers)) {
    const value = fill(text);
    if (value !== undefined) own[name.toLowerCase()] = value;
  }
  let url = fillText(plan.url, values, (value) => encodeURIComponent(value)) ?? plan.url;
  for (const [name, text] of Object.entries(request.query ?? {})) {
    const value = fill(text);
    if (value !== undefined) url = withParameter(url, name, value);
  }
  const shown = authParts(o.auth, o.tokenPlaced, values);
  if (shown.query) url = withParameter(url, ...shown.query);
  const cookie = [o.cookie, shown.cookie, own['cookie']].filter((one) => one != null && one !== '').join('; ');
  const ownBody = plan.resumeMethod === 'GET' ? undefined : request.body;
  const body = bodyOf(ownBody === undefined ? null : fillMessage(ownBody, values), plan.body);
  const headers: Record<string, string> = {
    accept: o.accept,
    'user-agent': 'heartline',
    ...(body === null ? {} : { 'content-type': contentType(body) }),
    ...shown.headers,
    ...own,
    ...(cookie === '' ? {} : { cookie }),
    ...plan.headers,
  };
  return {
    url,
    method: (plan.resumeMethod ?? request.httpMethod ?? plan.method ?? (body === null ? 'GET' : 'POST')).toUpperCase(),
    headers,
    body,
    userHeaders: [...Object.keys(own), ...Object.keys(shown.headers), 'cookie'],
  };
}

interface AuthParts {
  headers: Record<string, string>;
  query?: [name: string, value: string];
  cookie?: string;
}

/** Where credentials go in a request. */
function authParts(auth: TargetAuth | undefined, tokenPlaced: boolean, values: TemplateValues): AuthParts {
  const fill = (text: string): string => fillText(text, values) ?? '';
  switch (auth?.type) {
    case undefined:
    case 'none':
      return { headers: {} };
    case 'basic': {
      const credentials = Buffer.from(`${fill(auth.user)}:${fill(auth.password)}`, 'utf8').toString('base64');
      return { headers: { authorization: `Basic ${credentials}` } };
    }
    case 'api-key': {
      const [name, value] = [fill(auth.name), fill(auth.value)];
      if (auth.in === 'query') return { headers: {}, query: [name, value] };
      if (auth.in === 'cookie') return { headers: {}, cookie: `${name}=${value}` };
      return { headers: { [name.toLowerCase()]: value } };
    }
    case 'bearer':
    case 'oauth2':
    case 'token-command':
    case 'token-url': {
      if (tokenPlaced) return { headers: {} };
      const scheme = auth.scheme ?? 'Bearer';
      return { headers: { authorization: `${scheme} ${fill('{token}')}`.trim() } };
    }
  }
}

/** What the dialect says lies over what the endpoint says: two JSON objects become one, member by member. */
function bodyOf(own: string | null, planned: string | null): string | null {
  if (own === null || planned === null) return planned ?? own;
  const [under, over] = [parseJson(own), parseJson(planned)];
  return isRecord(under) && isRecord(over) ? JSON.stringify(laidOver(under, over)) : planned;
}

const laidOver = (under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> => ({
  ...under,
  ...Object.fromEntries(
    Object.entries(over).map(([key, value]) => {
      const below = under[key];
      return [key, isRecord(below) && isRecord(value) ? laidOver(below, value) : value];
    }),
  ),
});

/** What a body is, where nobody says so. */
function contentType(body: string): string {
  if (/^\s*[[{]/.test(body) && parseJson(body) !== undefined) return 'application/json';
  return /^[^\s=&]+=[^\s&]*(&[^\s=&]+=[^\s&]*)*$/.test(body)
    ? 'application/x-www-form-urlencoded'
    : 'text/plain; charset=utf-8';
}

/** Sets a parameter; the rest of the URL stays as it was typed. */
function withParameter(url: string, name: string, value: string): string {
  const [bare = '', hash] = url.split('#', 2);
  const mark = bare.indexOf('?');
  const encoded = encodeURIComponent(name);
  const kept = mark < 0 ? [] : bare.slice(mark + 1).split('&').filter((one) => one !== '' && one.split('=', 1)[0] !== encoded); // prettier-ignore
  const query = [...kept, `${encoded}=${encodeURIComponent(value.toWellFormed())}`].join('&');
  return `${mark < 0 ? bare : bare.slice(0, mark)}?${query}${hash === undefined ? '' : `#${hash}`}`;
}
