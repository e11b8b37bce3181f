/** YAML (or JSON, which is YAML) as plain data, and where in the text each key stands. */
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { failureData } from '../failure.ts';
import { yamlLimitProblem } from './limits.ts';

export interface YamlSource {
  /** What it says, as plain data; null when it is no YAML. */
  raw: unknown;
  /** Why it is no YAML; empty when it is. */
  syntax: { line: number; message: string }[];
  /** The line, from 1, of a key; where it is missing, of what should have held it. */
  lineOf(path: readonly (string | number)[]): number;
}

/** @param options.exact whole numbers that a double would round stay the text they were written as */
export function readYaml(text: string, options: { exact?: boolean } = {}): YamlSource {
  const limit = yamlLimitProblem(text);
  if (limit) return unparsed([limit]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0) {
    return unparsed(
      document.errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message: notYaml(message) })),
    );
  }
  if (options.exact) keepExact(document);
  try {
    const raw: unknown = document.toJS({ maxAliasCount: 100 });
    return { raw, syntax: [], lineOf: (path) => lines.linePos(offsetOf(document, path)).line };
  } catch (error) {
    return unparsed([{ line: 1, message: notYaml(failureData(error).message) }]);
  }
}

const notYaml = (message: string): string => `It is not YAML: ${message.replace(/\.?$/, '.')}`;

const unparsed = (syntax: YamlSource['syntax']): YamlSource => ({ raw: null, syntax, lineOf: () => 1 });

function keepExact(document: Document): void {
  visit(document, {
    Scalar(_key, node) {
      const { value, source } = node;
      if (typeof value === 'number' && !Number.isSafeInteger(value) && source && /^-?\d+$/.test(source)) {
        node.value = source;
      }
    },
  });
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      const item = node.items[key];
      offset = startOf(isPair(item) ? item.key : item) ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
