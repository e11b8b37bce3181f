/**
 * One change in a YAML text, and nothing else: the text is cut at the value and put together again, so that comments,
 * order, quotes and blank lines stay as they were typed. What comes out is read again and must say what was meant.
 */
import { Lexer, parseDocument } from 'yaml';
import { Failure } from '../failure.ts';
import { sameValue, formatYamlValue } from './format-value.ts';
import type { YamlKey, YamlPath } from './path.ts';
import { Splicer, type Splice } from './splicer.ts';

export type YamlEdit =
  /** Puts a value in the place of another, or under a key that its map does not have yet. */
  | { do: 'set'; path: YamlPath; value: unknown; /** The YAML text to write instead of the default formatting. */ spelled?: string; /** Keys that a new one stands behind. */ after?: readonly string[] }
  /** Puts an item into a list; `index` from 0 to its length. */
  | { do: 'insert'; path: YamlPath; index: number; value: unknown; spelled?: string }
  | { do: 'remove'; path: YamlPath }; // prettier-ignore

/** @throws Failure `not-yaml` for a text that cannot be read, `cannot-edit` where it says it in a way we cannot change */
export function editYaml(text: string, edit: YamlEdit): string {
  const before = parsePlain(text);
  if (before === undefined) {
    throw new Failure({ code: 'not-yaml', message: 'The text cannot be read.', hint: 'Mend the YAML first.' });
  }
  const wanted = applyToData(before.value, edit);
  for (const method of [bySplice, byDocument]) {
    const after = method(text, edit);
    const read = after === null ? undefined : parsePlain(after);
    if (after === null || read === undefined || !sameValue(read.value, wanted)) continue;
    if (keepsComments(text, after, edit)) return after;
  }
  throw new Failure({
    code: 'cannot-edit',
    message: 'This is written in a way that can only be changed by hand.',
    hint: 'Change it in the YAML: an alias, perhaps, or a merged key.',
  });
}

/** How a map or list is written: within brackets, or line by line; null where there is none. */
export const styleOf = (text: string, path: YamlPath): 'flow' | 'block' | null => new Splicer(text).style(path);

/** What a text says; undefined when it is no YAML. */
function parsePlain(text: string): { value: unknown } | undefined {
  const doc = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  if (doc.errors.length > 0) return undefined;
  try {
    return { value: JSON.parse(JSON.stringify(doc.toJS({ maxAliasCount: 100 }) ?? null)) };
  } catch {
    return undefined;
  }
}

/** The change made in plain data, in place: what the text must say afterwards. */
function applyToData(root: unknown, edit: YamlEdit): unknown {
  const path = edit.do === 'insert' ? edit.path : edit.path.slice(0, -1);
  let parent = root as Record<YamlKey, unknown>; // cast: asked for keys it may not have
  for (const key of path) {
    const next = parent[key];
    if (typeof next !== 'object' || next === null) throw noSuchPath(path);
    parent = next as Record<YamlKey, unknown>; // cast: as above
  }
  const last = edit.path.at(-1)!;
  if (edit.do === 'insert') {
    if (!Array.isArray(parent)) throw noSuchPath(path);
    parent.splice(edit.index, 0, edit.value);
  } else if (edit.do === 'set') parent[last] = edit.value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return root;
}

const noSuchPath = (path: YamlPath): Failure =>
  new Failure({ code: 'cannot-edit', message: `There is no ${path.join('.')} in the text.` });

function bySplice(text: string, edit: YamlEdit): string | null {
  const splice = spliceFor(new Splicer(text), edit);
  return splice && text.slice(0, splice.from) + splice.text + text.slice(splice.to);
}

function spliceFor(splicer: Splicer, edit: YamlEdit): Splice | null {
  if (edit.do === 'remove') return splicer.remove(edit.path);
  const spelled = edit.spelled ?? formatYamlValue(edit.value);
  if (edit.do === 'insert') return splicer.insert(edit.path, edit.index, spelled);
  return splicer.set(edit.path, spelled, edit.after ?? []);
}

/** Where splicing does not work: serialised again by the library, which keeps comments but not every style. */
function byDocument(text: string, edit: YamlEdit): string | null {
  const doc = parseDocument(text, { logLevel: 'silent' });
  try {
    if (edit.do === 'remove') doc.deleteIn(edit.path);
    else if (edit.do === 'set') doc.setIn(edit.path, doc.createNode(edit.value));
    else {
      const list = doc.getIn(edit.path, true) as { items: unknown[] }; // cast: what is inserted into is a list
      list.items.splice(edit.index, 0, doc.createNode(edit.value));
    }
    return doc.toString({ lineWidth: 0 });
  } catch {
    return null;
  }
}

/** Comments that an edit may take with it: those on the lines of what it removes. */
function keepsComments(before: string, after: string, edit: YamlEdit): boolean {
  const lines = edit.do === 'remove' ? new Splicer(before).lines(edit.path) : null;
  const left = commentsOf(after);
  const must = commentsOf(before).filter(({ line }) => lines === null || line < lines.from || line > lines.to);
  let found = 0;
  for (const { text } of left) if (found < must.length && text === must[found]!.text) found++;
  return found === must.length;
}

/** A lexeme of one of these characters stands for nothing in the text. */
const NON_TEXT_TOKENS = new Set(['\x02', '\x18', '\x1f']);

function commentsOf(text: string): { text: string; line: number }[] {
  const comments: { text: string; line: number }[] = [];
  let line = 1;
  for (const lexeme of new Lexer().lex(text)) {
    if (NON_TEXT_TOKENS.has(lexeme)) continue;
    if (lexeme.startsWith('#')) comments.push({ text: lexeme, line });
    line += lexeme.split('\n').length - 1;
  }
  return comments;
}
