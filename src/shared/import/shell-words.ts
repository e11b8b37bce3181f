/**
 * A command as it was copied, cut into its words as its shell would: bash and its kin (`'…'`, `"…"`, `$'…'`, `\`), or
 * Windows' cmd (`^`, `"…"`). What only the shell itself could work out is named, never guessed.
 */
import { Failure } from '../failure.ts';

export interface ShellWords {
  words: string[];
  /** What stands behind the command and is another's: `| jq .`, `> file`; empty: nothing. */
  rest: string;
  /** Variables of the shell that the words mention; each stands in them as `{var.NAME}`. */
  variables: string[];
}

/** @throws Failure `cannot-understand`, its place the part */
export function shellWords(text: string): ShellWords {
  const bare = text.replaceAll('\r\n', '\n').trim();
  return /\^\n|\^"/.test(bare) ? cmdWords(bare) : bashWords(bare);
}

export const cannotUnderstand = (part: string, message: string, hint: string): Failure =>
  new Failure({ code: 'cannot-understand', place: `the part ${short(part)}`, message, hint, exit: 2 });

const short = (part: string): string => {
  const line = part.replaceAll(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

const NAME = /^(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/;

function bashWords(text: string): ShellWords {
  const words: string[] = [];
  const variables = new Set<string>();
  const current: { word: string | null } = { word: null };
  let at = 0;
  const add = (more: string): void => void (current.word = (current.word ?? '') + more);
  const end = (): void => {
    if (current.word !== null) words.push(current.word);
    current.word = null;
  };
  /** At a `$` outside single quotes. */
  const dollar = (): void => {
    if (text[at + 1] === '(') throw substitution(text.slice(at));
    const name = NAME.exec(text.slice(at + 1));
    if (!name) {
      if (text[at + 1] === '{') {
        throw cannotUnderstand(
          text.slice(at, at + 40),
          'Only the shell can work this out.',
          'Write its value instead.',
        );
      }
      add('$');
      at++;
      return;
    }
    const variable = name[1] ?? name[2]!;
    variables.add(variable);
    add(`{var.${variable}}`);
    at += 1 + name[0].length;
  };
  while (at < text.length) {
    const char = text[at]!;
    if (char === '\\' || char === '`') {
      if (text[at + 1] === '\n') at += 2;
      else if (char === '`') throw substitution(text.slice(at));
      else {
        add(text[at + 1] ?? '');
        at += 2;
      }
    } else if (/\s/.test(char)) {
      end();
      at++;
      if (char === '\n' && words.length > 0 && text.slice(at).trim() !== '') {
        return { words, rest: text.slice(at).trim(), variables: [...variables] };
      }
    } else if (char === "'") {
      const close = text.indexOf("'", at + 1);
      if (close < 0) throw unclosed("'", text.slice(at));
      add(text.slice(at + 1, close));
      at = close + 1;
    } else if (char === '$' && text[at + 1] === "'") {
      const { value, length } = ansiC(text.slice(at));
      add(value);
      at += length;
    } else if (char === '$' && text[at + 1] === '"') {
      at++; // a translated text: the same without a translation
    } else if (char === '"') {
      const begin = at++;
      add('');
      for (;;) {
        const inner = text[at];
        if (inner === undefined) throw unclosed('"', text.slice(begin));
        if (inner === '"') break;
        if (inner === '`') throw substitution(text.slice(at));
        if (inner === '$') dollar();
        else if (inner === '\\' && /["\\$`\n]/.test(text[at + 1] ?? '')) {
          if (text[at + 1] !== '\n') add(text[at + 1]!);
          at += 2;
        } else {
          add(inner);
          at++;
        }
      }
      at++;
    } else if (char === '$') dollar();
    else if (char === '#' && current.word === null) {
      const close = text.indexOf('\n', at);
      at = close < 0 ? text.length : close;
    } else if (/[|;&<>]/.test(char)) {
      // `2>&1` is all of the shell's
      if (current.word !== null && /^\d$/.test(current.word) && /[<>]/.test(char)) current.word = null;
      end();
      return { words, rest: text.slice(at).trim(), variables: [...variables] };
    } else {
      add(char);
      at++;
    }
  }
  end();
  return { words, rest: '', variables: [...variables] };
}

const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  v: '\v',
};

/** `$'…'` (ANSI-C quoting). Bytes beyond ASCII are UTF-8. */
function ansiC(text: string): { value: string; length: number } {
  let value = '';
  let bytes = '';
  const flush = (): void => {
    if (bytes === '') return;
    try {
      value += decodeURIComponent(bytes);
    } catch {
      value += bytes.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    }
    bytes = '';
  };
  for (let at = 2; at < text.length;) {
    const char = text[at]!;
    if (char === "'") {
      flush();
      return { value, length: at + 1 };
    }
    const code = char === '\\' ? /^\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/.exec(text.slice(at, at + 4)) : null;
    if (code) {
      const byte = code[1] === undefined ? parseInt(code[2]!, 8) & 255 : parseInt(code[1], 16);
      bytes += `%${byte.toString(16).padStart(2, '0')}`;
      at += code[0].length;
      continue;
    }
    flush();
    const point = /^\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(.))/s.exec(text.slice(at, at + 12));
    if (point) {
      if (point[3] !== undefined) value += String.fromCharCode(point[3].charCodeAt(0) & 31);
      else if (point[1] !== undefined) value += String.fromCharCode(parseInt(point[1], 16));
      else value += String.fromCodePoint(Math.min(parseInt(point[2]!, 16), 0x10ffff));
      at += point[0].length;
    } else if (char === '\\' && at + 1 < text.length) {
      const next = text[at + 1]!;
      value += Object.hasOwn(ESCAPES, next) ? ESCAPES[next]! : /["'?\\]/.test(next) ? next : `\\${next}`;
      at += 2;
    } else {
      value += char;
      at++;
    }
  }
  throw unclosed("$'", text);
}

/** What browsers copy for cmd: carets before all that cmd might read, `\"` or `""` for a quote in quotes. */
function cmdWords(text: string): ShellWords {
  const words: string[] = [];
  const current: { word: string | null } = { word: null };
  let quoted = false;
  let opened = 0;
  const add = (more: string): void => void (current.word = (current.word ?? '') + more);
  for (let at = 0; at < text.length;) {
    // a caret takes the meaning from what follows; before a line's end it joins the next line, two ends are one within quotes
    let char = text[at]!;
    if (char === '^') {
      const next = text[at + 1];
      if (next === '\n') {
        at += 2;
        if (quoted && text[at] === '\n') {
          add('\n');
          at++;
        }
        continue;
      }
      if (next === undefined) break;
      char = next;
      at++;
    }
    const after = (): string => text.slice(at + 1).replace(/^\^/, '');
    if (char === '\\' && /^["\\]/.test(after()) && quoted) {
      add(after()[0]!);
      at += text[at + 1] === '^' ? 3 : 2;
    } else if (char === '"' && quoted && after().startsWith('"') && !/^"(\s|$)/.test(after())) {
      add('"');
      at += text[at + 1] === '^' ? 3 : 2;
    } else if (char === '"') {
      quoted = !quoted;
      opened = at;
      add('');
      at++;
    } else if (/\s/.test(char) && !quoted) {
      if (current.word !== null) words.push(current.word);
      current.word = null;
      at++;
    } else {
      add(char);
      at++;
    }
  }
  if (quoted) throw unclosed('"', text.slice(opened));
  if (current.word !== null) words.push(current.word);
  return { words, rest: '', variables: [] };
}

const unclosed = (quote: string, part: string): Failure =>
  cannotUnderstand(part, `Its ${quote} is never closed.`, 'Copy the command whole.');

function substitution(text: string): Failure {
  const whole = /^(\$\([^)]*\)?|`[^`]*`?)/.exec(text)?.[0] ?? text;
  return cannotUnderstand(
    whole,
    'It is a command of its own, whose answer only your shell can give.',
    'Run it and paste what it prints; a command that mints a token goes into Auth.',
  );
}
