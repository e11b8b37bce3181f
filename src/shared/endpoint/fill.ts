/** Puts values into the templates of an endpoint: `{var.NAME}` and `{secret.NAME}`. `{token}` and what a dialect knows stay. */
import { METHODS } from '../catalog.ts';
import { Failure } from '../failure.ts';
import { mapTexts } from '../map-texts.ts';
import type { RemoteTarget, TargetRequest } from './remote-target.ts';

/** The value behind `var.NAME` or `secret.NAME`; undefined: it has none. May throw a `Failure`, as a locked store does. */
export type TargetValues = (name: string) => string | undefined;

const TEMPLATE = /\{((?:var|secret)\.[\w.-]+)(\?)?\}/g;
/** A variable may be made of others, but not of itself. */
const MAX_DEPTH = 5;

export const hasTemplates = (value: unknown): boolean => JSON.stringify(value).search(TEMPLATE) >= 0;

/** @throws Failure `no-value`, its place the template that has none */
export function fillTarget(target: RemoteTarget, values: TargetValues): RemoteTarget {
  if (!hasTemplates(target)) return target;
  const text = (one: string): string => fillText(one, values);
  const { base, urls, vars, env: _, name, channel, dialect, kind, ...rest } = target;
  const filled = mapTexts(rest, text);
  const { auth, proxy, methods } = filled;
  fillBodies(filled, rest, values);
  for (const method of METHODS) {
    const own = methods?.[method];
    if (own) fillBodies(own, target.methods?.[method] ?? {}, values);
  }
  if (auth?.type === 'oauth2' && rest.auth?.type === 'oauth2') auth.tokenUrl = fillUrl(rest.auth.tokenUrl, values);
  if (auth?.type === 'token-url' && rest.auth?.type === 'token-url') auth.url = fillUrl(rest.auth.url, values);
  return {
    ...filled,
    kind,
    name,
    dialect,
    channel: text(channel),
    base: base === null ? null : fillUrl(base, values),
    urls: Object.fromEntries(Object.entries(urls).map(([method, url]) => [method, fillUrl(url, values)])),
    ...(proxy === undefined ? {} : { proxy: fillUrl(rest.proxy!, values) }),
    ...(vars ? { vars: mapTexts(vars, text) } : {}),
  };
}

/** The same with these variables filled in, and every other template as it is. */
export function fillVars(target: RemoteTarget, vars: Readonly<Record<string, string>>): RemoteTarget {
  return fillTarget(target, (name) => {
    const variable = name.startsWith('var.') ? name.slice('var.'.length) : '';
    return Object.hasOwn(vars, variable) ? vars[variable] : KEEP;
  });
}

/** Stands for a template that is to stay. */
const KEEP = '\0';

/** A URL: values are encoded for where they stand, but in scheme, host and port, and a path keeps its slashes. */
function fillUrl(url: string, values: TargetValues): string {
  return url.replace(TEMPLATE, (whole, name: string, optional: string | undefined, at: number) => {
    const value = valueOf(name, optional !== undefined, values, 0);
    if (value === KEEP) return whole;
    const before = url.slice(0, at);
    const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)$/i.exec(before)?.[1];
    if (before === '' || authority !== undefined) {
      return name.startsWith('secret.') && authority !== undefined ? encodeURIComponent(value) : value;
    }
    return before.includes('?') ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/');
  });
}

function fillBodies(to: TargetRequest, { body, open }: TargetRequest, values: TargetValues): void {
  if (body !== undefined) to.body = fillBody(body, values);
  if (open !== undefined) to.open = open.map((one) => fillBody(one, values));
}

/** A body or message: within JSON a value is escaped as in JSON, within a form as in a form. */
function fillBody(body: string, values: TargetValues): string {
  const isForm = /^[\w.%[\]-]+=\S*$/.test(body);
  const isJson = /^\s*[[{"]/.test(body) && !/^\s*\{(var|secret|token)\b[\w.]*\}/.test(body);
  return body.replace(TEMPLATE, (whole, name: string, optional: string | undefined) => {
    const value = valueOf(name, optional !== undefined, values, 0);
    if (value === KEEP) return whole;
    if (isForm) return encodeURIComponent(value);
    return isJson ? JSON.stringify(value).slice(1, -1) : value;
  });
}

function fillText(text: string, values: TargetValues, depth = 0): string {
  return text.replace(TEMPLATE, (whole, name: string, optional: string | undefined) => {
    const value = valueOf(name, optional !== undefined, values, depth);
    return value === KEEP ? whole : value;
  });
}

function valueOf(name: string, optional: boolean, values: TargetValues, depth: number): string {
  const value = values(name);
  if (value !== undefined && depth < MAX_DEPTH) return name.startsWith('var.') ? fillText(value, values, depth + 1) : value;
  if (value === undefined && optional) return '';
  const kind = name.startsWith('secret.') ? 'secret' : 'variable';
  throw new Failure({
    code: 'no-value',
    place: `{${name}}`,
    message: value === undefined ? `The ${kind} has no value.` : 'The variable is made of itself.',
    hint:
      kind === 'secret'
        ? 'Give it where the endpoint has its lock.'
        : 'Choose an environment that has it, or give it as NAME=VALUE.',
    exit: 2,
  });
} // prettier-ignore
