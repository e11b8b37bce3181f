// @ts-check
// Exported names nobody imports, and files nobody reaches. Syntax only, so it takes a second, not a program check. A type
// that an exported thing of its own file mentions is part of that thing's promise and may stay unimported.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** Where exports must be of use. */
const WATCHED = ['src', 'test/helpers', 'scripts'];
/** Who may make use of them. */
const READERS = ['src', 'test', 'scripts', 'electron.vite.config.ts', 'vitest.config.ts', 'eslint.config.js'];
/** Started by something other than an import. */
const ENTRIES = [
  /^src\/(main|cli|preload)\/index\.ts$/,
  /^src\/cli\/entry\.ts$/,
  /^src\/renderer\/main\.ts$/,
  /\.d\.ts$/,
  /^scripts\/(start|dev|heartline|check|test|desktop|package|icons)\.mjs$/,
  /^test\/helpers\/(summary-reporter|global-rigs)\.ts$/,
];
const CODE = /\.(ts|mts|mjs|js|vue)$/;

/** @typedef {{ text: string, exported: Map<string, { line: number, type: boolean }>, used: Map<string, Set<string> | 'all'> }} Module */

/**
 * @param {string} root
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  if (path.endsWith('/rigs') || path.endsWith('/fixtures') || path.endsWith('node_modules')) return [];
  return readdirSync(full).flatMap((name) => filesUnder(root, `${path}/${name}`));
}

/** The script blocks of a component, each line where it stands in the file.
 * @param {string} text */
function scriptOf(text) {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[0].indexOf('>') + 1;
    out += text.slice(at, start).replace(/[^\n]/g, ' ') + match[1];
    at = start + /** @type {string} */ (match[1]).length;
  }
  return out;
}

/**
 * @param {string} file
 * @param {string} text
 * @param {(specifier: string) => string | null} find
 * @returns {Module}
 */
function read(file, text, find) {
  const code = file.endsWith('.vue') ? scriptOf(text) : text;
  const source = ts.createSourceFile(
    file,
    code,
    ts.ScriptTarget.Latest,
    true,
    /m?js$/.test(file) ? ts.ScriptKind.JS : ts.ScriptKind.TS,
  );
  /** @type {Module['exported']} */
  const exported = new Map();
  /** @type {Module['used']} */
  const used = new Map();
  /** @param {string} specifier @param {string} name */
  const use = (specifier, name) => {
    const target = find(specifier);
    if (!target) return;
    const names = used.get(target);
    if (name === '*') used.set(target, 'all');
    else if (names !== 'all') used.set(target, (names ?? new Set()).add(name));
  };
  /** @param {ts.Node} node @param {string} name @param {boolean} type */
  const give = (node, name, type) =>
    exported.set(name, { line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, type });

  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const from = node.moduleSpecifier.text;
      const clause = node.importClause;
      use(from, ''); // reached, if for its effects only
      if (clause?.name) use(from, 'default');
      if (clause?.namedBindings && ts.isNamespaceImport(clause.namedBindings)) use(from, '*');
      else if (clause?.namedBindings) {
        for (const e of /** @type {ts.NamedImports} */ (clause.namedBindings).elements)
          use(from, (e.propertyName ?? e.name).text);
      }
    } else if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : null;
      if (from && (!node.exportClause || ts.isNamespaceExport(node.exportClause))) use(from, '*');
      if (node.exportClause && ts.isNamedExports(node.exportClause)) {
        for (const e of node.exportClause.elements) {
          if (from) use(from, (e.propertyName ?? e.name).text);
          give(e, e.name.text, node.isTypeOnly || e.isTypeOnly);
        }
      }
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const from = node.arguments[0];
      if (from && ts.isStringLiteralLike(from)) use(from.text, '*');
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      use(node.argument.literal.text, '*');
    } else if (ts.isExportAssignment(node)) {
      give(node, 'default', false);
    } else if (
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
    ) {
      const isDefault = ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword);
      if (isDefault) give(node, 'default', false);
      else if (ts.isVariableStatement(node)) {
        for (const d of node.declarationList.declarations) {
          if (ts.isIdentifier(d.name)) give(d, d.name.text, false);
          else
            for (const e of d.name.elements)
              if (ts.isBindingElement(e) && ts.isIdentifier(e.name)) give(e, e.name.text, false);
        }
      } else {
        const declared = /** @type {ts.DeclarationStatement} */ (node);
        if (declared.name)
          give(node, declared.name.text, ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { text: code, exported, used };
}

/**
 * @param {string} root of the project
 * @returns {string[]} one sentence a finding, `file:line` first
 */
export function deadCode(root) {
  const files = READERS.flatMap((path) => filesUnder(root, path)).filter((file) => CODE.test(file));
  /** @type {Map<string, Module>} */
  const modules = new Map();
  for (const file of files) {
    /** @param {string} specifier */
    const find = (specifier) => {
      if (!specifier.startsWith('.')) return null;
      const path = relative(root, resolve(root, dirname(file), specifier.replace(/\?.*$/, ''))).replaceAll('\\', '/');
      return (
        [path, `${path}.ts`, `${path}/index.ts`].find(
          (candidate) => CODE.test(candidate) && files.includes(candidate),
        ) ?? null
      );
    };
    modules.set(file, read(file, readFileSync(join(root, file), 'utf8'), find));
  }
  /** @type {Map<string, Set<string> | 'all'>} */
  const wanted = new Map();
  for (const { used } of modules.values()) {
    for (const [target, names] of used) {
      const so_far = wanted.get(target);
      if (names === 'all' || so_far === 'all') wanted.set(target, 'all');
      else wanted.set(target, new Set([...(so_far ?? []), ...names]));
    }
  }
  /** @type {string[]} */
  const findings = [];
  for (const [file, { text, exported }] of modules) {
    if (!WATCHED.some((path) => file.startsWith(`${path}/`)) || ENTRIES.some((entry) => entry.test(file))) continue;
    const names = wanted.get(file);
    if (!names) {
      findings.push(`${file}:1 nobody imports this file`);
      continue;
    }
    if (names === 'all') continue;
    for (const [name, { line, type }] of exported) {
      if (names.has(name)) continue;
      const mentions = text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;
      if (type && mentions > 1) continue;
      findings.push(
        `${file}:${line} nobody imports ${name}${mentions > 1 ? ': used in its own file only, so it need not be exported' : ''}`,
      );
    }
  }
  return findings;
}
