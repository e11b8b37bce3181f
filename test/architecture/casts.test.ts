import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { codeOf, parse, sourcesUnder, type Source } from './sources.ts';

/** A sentence for each cast (`x as T`, not `as const`) whose line, or the one above, gives no reason: `// cast: …`. */
export function castProblems(source: Source): string[] {
  const { tree, lineOf } = parse(source);
  const lines = codeOf(source).split('\n');
  const problems: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAsExpression(node) && node.type.getText(tree) !== 'const') {
      const line = lineOf(node.type);
      const explained = [line, line - 1, lineOf(node), lineOf(node) - 1].some((n) =>
        /\/[/*] cast: \S/.test(lines[n - 1] ?? ''),
      );
      if (!explained)
        problems.push(
          `${source.path}:${line} casts to ${node.type.getText(tree)}. Let a type say it, or give the reason: // cast: …`,
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return problems;
}

describe('casts', () => {
  it('give their reason', () => {
    expect(sourcesUnder('src').flatMap(castProblems)).toEqual([]);
  });

  it.each([
    ['const a = b as A;'],
    ['const a = (b as A).c as D; // because'],
    ['// cast: too far away\n\nconst a = b as unknown as A;'],
    ['const a = b as {\n  c: string;\n};'],
  ])('%j is seen', (text) => expect(castProblems({ path: 'x.ts', text })).not.toEqual([]));

  it.each([
    ['const a = [1] as const;'],
    ['const a = b as A; // cast: the schema has checked it'],
    ['// cast: the schema has checked it\nconst a = b as unknown as A;'],
    ['// cast: the schema has checked it\nconst a = b as {\n  c: string;\n};'],
    ['import { a as b } from "./c.ts"; export { b as d };'],
    ['const a = { b } satisfies A;'],
  ])('%j is left alone', (text) => expect(castProblems({ path: 'x.ts', text })).toEqual([]));
});
