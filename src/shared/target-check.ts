import { METHOD_LABEL, METHOD_SCHEMES, METHODS, type Method } from './catalog.ts';
import type { FieldProblem } from './api.ts';
import { shownUrl } from './secrets.ts';
import type { RemoteTarget } from './target.ts';

/** RFC 9110 token: what a field name may be made of. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Fields that belong to the connection: the client writes them itself. */
const CLIENT_HEADERS = new Set([
  'host',
  'connection',
  'upgrade',
  'content-length',
  'transfer-encoding',
  'sec-websocket-key',
]);

/** Scheme, host, port and path of a URL without a global `URL`, which this room does not have; null when it is none. */
export function urlParts(text: string): { scheme: string; host: string; port: number | null; rest: string } | null {
  const m = /^([a-z][a-z0-9+.-]*:)\/\/(?:[^/?#@\s]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\s]+)(?::(\d{1,5}))?([/?#]\S*)?$/i.exec(
    text,
  );
  if (!m || Number(m[3] ?? 1) > 65_535 || Number(m[3] ?? 1) < 1) return null;
  return { scheme: m[1]!.toLowerCase(), host: m[2]!, port: m[3] ? Number(m[3]) : null, rest: m[4] ?? '' };
}

/** One URL field. @returns null when it will do */
export function urlProblem(field: string, text: string, schemes: readonly string[]): FieldProblem | null {
  const parts = urlParts(text.trim());
  if (!parts) {
    const bare = urlParts(`http://${text.trim()}`);
    return {
      field,
      message: `"${shownUrl(text)}" is not a URL.`,
      hint: bare
        ? `Write the scheme too: http://${shownUrl(text.trim())}`
        : 'Write it whole: http://127.0.0.1:8080/events',
    };
  }
  if (!schemes.includes(parts.scheme)) {
    return {
      field,
      message: `${parts.scheme}// does not fit here.`,
      hint: `Use ${schemes.map((s) => `${s}//`).join(' or ')}.`,
    };
  }
  return null;
}

/** Says what is wrong with a target before it is used. Empty means it will do. */
export function targetProblems(
  target: RemoteTarget,
  dialects: readonly { name: string; methods: readonly Method[] }[],
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (p: FieldProblem | null): void => void (p && problems.push(p));

  if (target.name.trim() === '')
    add({ field: 'name', message: 'The endpoint needs a name.', hint: 'Any word will do.' });
  const dialect = dialects.find((d) => d.name === target.dialect);
  if (!dialect) {
    add({
      field: 'dialect',
      message: `"${target.dialect}" is not a dialect.`,
      hint: `Use ${dialects.map((d) => d.name).join(', ')}.`,
    });
  }
  if (target.base !== null && target.base.trim() !== '') {
    add(urlProblem('base', target.base, ['http:', 'https:']));
    if (dialect && dialect.methods.length === 0) {
      add({
        field: 'base',
        message: `The dialect ${dialect.name} does not say where each method lives.`,
        hint: 'Give a URL per method.',
      });
    }
  }
  for (const method of METHODS) {
    const url = target.urls[method];
    if (url !== undefined && url.trim() !== '') add(urlProblem(`urls.${method}`, url, METHOD_SCHEMES[method]));
  }
  if ((target.base ?? '').trim() === '' && METHODS.every((m) => (target.urls[m] ?? '').trim() === '')) {
    add({
      field: 'base',
      message: 'There is nothing to follow yet.',
      hint: `Give a base URL, or a URL for ${METHODS.map((m) => METHOD_LABEL[m]).join(', ')}.`,
    });
  }
  if (!/^[\w.~-]{1,128}$/.test(target.channel)) {
    add({
      field: 'channel',
      message: `"${target.channel}" is not a channel name.`,
      hint: 'Use letters, digits, and . _ ~ - (at most 128).',
    });
  }
  for (const [name, value] of Object.entries(target.headers)) {
    if (!TOKEN.test(name)) {
      add({
        field: `headers.${name}`,
        message: `"${name}" is not a header name.`,
        hint: 'Write one as "Name: value".',
      });
    } else if (CLIENT_HEADERS.has(name.toLowerCase())) {
      add({ field: `headers.${name}`, message: `${name} is written by the client itself.`, hint: 'Leave it out.' });
    }
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
      add({ field: `headers.${name}`, message: `The value of ${name} has a control character.`, hint: 'Take it out.' });
    }
  }
  return problems;
}
