/** A file of variables: `NAME=value` lines, as shells and Docker take them, or a map in YAML or JSON. */
import { parse } from 'yaml';
import { Failure } from '../failure.ts';
import { isRecord } from '../guards.ts';

/** @throws Failure `bad-env-file`, its place the file and the line */
export function readEnvFile(text: string, file: string): Record<string, string> {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const isDotenv = lines.some((line) => /^\s*(export\s+)?[A-Za-z_][\w.-]*=/.test(line));
  return isDotenv ? fromLines(lines, file) : fromMap(text, file);
}

function fromLines(lines: readonly string[], file: string): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const [i, line] of lines.entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const m = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!m) throw bad(file, i + 1, 'It is no variable.', 'Write NAME=value.');
    vars[m[1]!] = unquoted(m[2]!);
  }
  return vars;
}

/** `'…'` to the letter; `"…"` with its escapes; bare up to a comment. */
function unquoted(text: string): string {
  const single = /^'([^']*)'/.exec(text);
  if (single) return single[1]!;
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (!double) return text.replace(/\s+#.*$/, '');
  return double[1]!.replaceAll(/\\(.)/g, (_, char: string) => ({ n: '\n', r: '\r', t: '\t' })[char] ?? char);
}

function fromMap(text: string, file: string): Record<string, string> {
  let map: unknown;
  try {
    map = parse(text, { logLevel: 'silent' }) ?? {};
  } catch (error) {
    throw bad(file, 1, `It cannot be read: ${error instanceof Error ? error.message.split('\n')[0]! : ''}`);
  }
  if (!isRecord(map)) throw bad(file, 1, 'It holds no variables.', 'Write NAME=value on each line, or a map in YAML.');
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      if (/^[\w.-]+$/.test(name) && ['string', 'number', 'boolean'].includes(typeof value))
        return [name, String(value)];
      throw bad(file, 1, `"${name}" is no variable with a text.`, 'Write NAME: value.');
    }),
  );
}

const bad = (file: string, line: number, message: string, hint = 'Write NAME=value on each line.'): Failure =>
  new Failure({ code: 'bad-env-file', place: `${file}:${line}`, message, hint, exit: 2 });
