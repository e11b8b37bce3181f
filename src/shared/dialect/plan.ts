/** What one attempt sends, by the dialect: its templates filled, laid over the URL that is followed. */
import type { Method } from '../catalog.ts';
import { isRecord } from '../guards.ts';
import { methodOf, type Dialect, type Json, type MethodDialect, type RequestRules } from './model.ts';
import { fillJson, fillText, templatesIn, type TemplateValues } from './template.ts';

/** The request of an attempt, as the dialect has it. What the endpoint itself says (headers, auth, body) lies under it. */
export interface RequestPlan {
  /** `GET` unless said, or `POST` where a body is. Null: nothing is said. */
  method: string | null;
  /** A resume asks by this method, which outranks the endpoint's; absent: it asks as the first request does. */
  resumeMethod?: string;
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Text as it is sent; null: none. */
  body: string | null;
  subprotocols: string[];
  /** WebSocket, in order at every connect. */
  open: { send: string | null; step: number }[];
  /** The cursor that is asked from; null: none is named. */
  cursor: string | null;
}

/** Whether a resume can be asked for at all: somewhere the cursor is named, or the method's own standard names it. */
export function asksForCursor(dialect: Dialect, method: Method): boolean {
  const m = methodOf(dialect, method);
  if (m.resume === 'none') return false;
  if (m.framing === 'socket.io') return true; // by its handshake
  if (m.resume !== null) return usesCursor(m.resume) || usesCursorAtOpen(m) || usesCursor(m.first);
  return usesCursor(m.first) || usesCursorAtOpen(m) || resumesAsEventSource(m, method);
}

/** An EventSource says where it got to by `Last-Event-ID` (WHATWG HTML, 9.2.4): a GET whose dialect says nothing else. */
const resumesAsEventSource = (m: MethodDialect, method: Method): boolean =>
  method === 'sse' &&
  (m.framing === 'sse' || m.framing === 'events.v1') &&
  m.resume === null &&
  !usesCursor(m.first) &&
  methodName(m.first) === 'GET';

/** The HTTP method of a stream or poll, when nothing else says it. */
const methodName = ({ method, body }: RequestRules): string => method ?? (body == null ? 'GET' : 'POST');

/** The query parameter that names the cursor; null where none does. */
export function cursorParameter(dialect: Dialect, method: Method): string | null {
  const { first, resume } = methodOf(dialect, method);
  const named = Object.entries({ ...first.query, ...(resume === null || resume === 'none' ? {} : resume.query) });
  return named.find(([, value]) => namesCursor(value))?.[0] ?? null;
}

const namesCursor = (value: Json | undefined): boolean => templatesIn(value).some(({ name }) => name === 'cursor');
const usesCursor = ({ query, headers, body, validators }: RequestRules): boolean =>
  validators !== null || namesCursor(query) || namesCursor(headers) || namesCursor(body);
const usesCursorAtOpen = (m: MethodDialect): boolean =>
  m.open.some(({ send }) => namesCursor(send)) || namesCursor(m.url ?? undefined);

/** `resume` over `first`, key by key. */
function layOver(first: RequestRules, resume: RequestRules): RequestRules {
  return {
    method: resume.method ?? first.method,
    query: { ...first.query, ...resume.query },
    headers: { ...first.headers, ...resume.headers },
    body: resume.body === undefined ? first.body : mergeJson(first.body, resume.body),
    validators: resume.validators ?? first.validators,
  };
}

function mergeJson(under: Json | undefined, over: Json): Json {
  if (!isRecord(under) || !isRecord(over)) return over;
  const out: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) out[key] = mergeJson(under[key], value);
  return out;
}

/** Where a lane is to begin. */
export interface PlanFrom {
  /** What to ask from, as it is asked for; null: from the endpoint's own start. */
  cursor: string | null;
  /** The lane has been here before: the cursor is where it got to, not where it was told to start. */
  resume: boolean;
}

/**
 * @param url what is followed, whole
 * @throws NoValue where a template that is used here has no value
 */
export function planRequest(
  dialect: Dialect,
  method: Method,
  url: string,
  { cursor, resume }: PlanFrom,
  values: TemplateValues,
): RequestPlan {
  const m = methodOf(dialect, method);
  // where the first request has a place for a cursor, a start goes there
  const startsInFirst = !resume && (usesCursor(m.first) || usesCursorAtOpen(m));
  const asks = cursor !== null && (startsInFirst || asksForCursor(dialect, method));
  const lookUp: TemplateValues = (name) => (name === 'cursor' ? (asks ? cursor : null) : values(name));
  const overlaid = asks && !startsInFirst && m.resume !== null && m.resume !== 'none';
  const rules = overlaid ? layOver(m.first, m.resume as RequestRules) : m.first; // cast: as asked one line above
  const resumeMethod = overlaid ? (m.resume as RequestRules).method : null; // cast: as above
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(rules.headers)) {
    const filled = value === null ? undefined : fillText(value, lookUp);
    if (filled !== undefined) headers[name.toLowerCase()] = filled;
  }
  let at = url;
  for (const [name, value] of Object.entries(rules.query)) {
    const filled = value === null ? undefined : fillText(value, lookUp);
    if (filled !== undefined) at = withQuery(at, name, filled);
  }
  if (asks && resumesAsEventSource(m, method)) headers['last-event-id'] = cursor;
  if (rules.validators !== null && asks) Object.assign(headers, validatorsOf(fillText(rules.validators, lookUp) ?? ''));
  const body = rules.body == null ? null : messageText(rules.body, lookUp);
  if (body !== null && typeof rules.body !== 'string') headers['content-type'] ??= 'application/json';
  return {
    ...(resumeMethod === null ? {} : { resumeMethod }),
    method: rules.method ?? (body === null ? null : 'POST'),
    url: at,
    headers,
    body,
    subprotocols: m.subprotocols,
    open: m.open.map(({ send }, step) => ({ send: send === undefined ? null : messageText(send, lookUp), step })),
    cursor: asks ? cursor : null,
  };
}

/** A message as it is sent: text as it is, anything else as JSON. */
export function messageText(message: Json, values: TemplateValues): string {
  const filled = fillJson(message, values);
  return typeof filled === 'string' ? filled : JSON.stringify(filled ?? null);
}

/**
 * The URL of a method, from its template. Values are encoded for where they stand; a query parameter whose `{x?}` has no
 * value is left out whole.
 * @throws NoValue
 */
export function fillUrl(template: string, values: TemplateValues): string {
  const encode = (value: string, name: string): string => (name === 'base' ? value : encodeURIComponent(value));
  const [, path = template, query] = /^([^?]*)\?([^#]*)$/.exec(template) ?? [];
  const filled = fillText(path, values, encode) ?? withoutOptional(path, values, encode);
  if (query === undefined) return filled;
  const params = query.split('&').flatMap((param) => fillText(param, values, encode) ?? []);
  return params.length === 0 ? filled : `${filled}?${params.join('&')}`;
}

/** In a path there is no key to leave out: what has no value is empty. */
const withoutOptional = (
  text: string,
  values: TemplateValues,
  encode: (value: string, name: string) => string,
): string => fillText(text, (name) => values(name) ?? '', encode) ?? '';

/** Sets a query parameter; the rest of the URL stays as it was typed. */
export function withQuery(url: string, name: string, value: string): string {
  const hash = url.indexOf('#');
  const bare = hash < 0 ? url : url.slice(0, hash);
  const param = `${encodeURIComponent(name)}=${encodeURIComponent(wellFormed(value))}`;
  const mark = bare.indexOf('?');
  if (mark < 0) return `${bare}?${param}`;
  const given = bare.slice(mark + 1).split('&');
  const others = given.filter((one) => one !== '' && nameOf(one) !== name);
  return `${bare.slice(0, mark)}?${[...others, param].join('&')}`;
}

/** Half a surrogate pair cannot be encoded. */
const wellFormed = (text: string): string => text.replaceAll(/[\ud800-\udfff]/gu, '\ufffd');

function nameOf(param: string): string {
  const text = param.split('=', 1)[0]!.replaceAll('+', ' ');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `1700000000:2` → the validators that nchan calls a message id. */
function validatorsOf(cursor: string): Record<string, string> {
  const [, seconds, tag] = /^(-?\d+):(.*)$/.exec(cursor) ?? [];
  if (seconds === undefined) return { 'if-none-match': cursor };
  return { 'if-modified-since': new Date(Number(seconds) * 1000).toUTCString(), 'if-none-match': tag! };
}
