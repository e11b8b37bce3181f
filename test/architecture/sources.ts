import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Source {
  /** From the root of the project, with forward slashes. */
  path: string;
  text: string;
}

/** Every file of code under a folder. */
export function sourcesUnder(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((path) => /\.(ts|mts|js|mjs|vue)$/.test(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** The code of a file: a component's script blocks, each line where it stands. */
export function codeOf({ path, text }: Source): string {
  if (!path.endsWith('.vue')) return text;
  let at = 0;
  let code = '';
  for (const match of text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[0].indexOf('>') + 1;
    code += text.slice(at, start).replace(/[^\n]/g, ' ') + match[1]!;
    at = start + match[1]!.length;
  }
  return code;
}

/** The tree of a file and a way to say where in it something stands. */
export function parse(source: Source): { tree: ts.SourceFile; lineOf(node: ts.Node): number } {
  const tree = ts.createSourceFile(source.path, codeOf(source), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  return { tree, lineOf: (node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1 };
}

/** What a file imports, by any of the ways there are. */
export function importsOf(source: Source): { specifier: string; line: number }[] {
  const { tree, lineOf } = parse(source);
  const found: { specifier: string; line: number }[] = [];
  const note = (node: ts.Node | undefined): void => {
    if (node && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, line: lineOf(node) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) note(node.moduleSpecifier);
    else if (ts.isImportTypeNode(node)) note(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isCallExpression(node)) {
      const called = node.expression;
      const loads =
        called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require');
      if (loads) note(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
