import { nearest } from './nearest.ts';
import { METHOD_LABEL, METHOD_SCHEMES, METHODS, type Method } from './catalog.ts';
import type { FieldProblem } from './field-problem.ts';
import { endpointProblems } from './endpoint/check.ts';
import { headerProblems } from './endpoint/check-request.ts';
import { shownUrl } from './secrets.ts';
import type { RemoteTarget } from './target.ts';
import { urlParts } from './url-parts.ts';

/** One URL field. @returns null when it will do */
export function urlProblem(field: string, text: string, schemes: readonly string[]): FieldProblem | null {
  if (/^\{(var|secret)\./.test(text.trim())) return null; // what it begins with is known at the attempt
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
      hint: dialectHint(
        target.dialect,
        dialects.map((d) => d.name),
      ),
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
  problems.push(...headerProblems('headers', target.headers), ...endpointProblems(target));
  return problems;
}

function dialectHint(said: string, names: readonly string[]): string {
  const near = nearest(said, names);
  return near ? `Did you mean ${near}?` : `Use ${names.join(', ')}.`;
}
