import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse, sourcesUnder, type Source } from './sources.ts';

/** Where time is injected, and the one file that makes it. */
const TIMELESS = /^src\/(shared|engine|rpc)\//;
const CLOCK = 'src/engine/time/clock.ts';

const TIMERS = new Set(['setTimeout', 'setInterval']);
const READERS = new Set(['Date.now', 'performance.now', 'performance.timeOrigin', 'process.hrtime', 'process.uptime']);

/** A sentence a place where a file takes time or chance into its own hands. */
export function timeAndChance(source: Source): string[] {
  const { tree, lineOf } = parse(source);
  const timeless = TIMELESS.test(source.path) && source.path !== CLOCK;
  const found: string[] = [];
  const note = (node: ts.Node, what: string): void => {
    found.push(
      what === 'Math.random'
        ? `${source.path}:${lineOf(node)} uses Math.random: draw from the Random that is given, so that a seed repeats a run.`
        : `${source.path}:${lineOf(node)} uses ${what}: ask the Clock that is given (now, after, sleep). Only ${CLOCK} may touch real time.`,
    );
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const name = `${node.expression.getText().replace(/^globalThis\./, '')}.${node.name.text}`;
      if (name === 'Math.random') note(node, name);
      else if (timeless && READERS.has(name)) note(node, name);
      else if (timeless && /^(globalThis|window)$/.test(node.expression.getText()) && TIMERS.has(node.name.text))
        note(node, node.name.text);
    } else if (timeless && ts.isIdentifier(node) && TIMERS.has(node.text)) {
      const { parent } = node;
      // server.setTimeout(…), the name of a property or of a type is no timer
      const named =
        (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) &&
        parent.name === node;
      const typed = ts.isTypeQueryNode(parent);
      if (!named && !typed) note(node, node.text);
    } else if (
      timeless &&
      ts.isNewExpression(node) &&
      node.expression.getText() === 'Date' &&
      !node.arguments?.length
    ) {
      note(node, 'new Date()');
    } else if (timeless && ts.isCallExpression(node) && node.expression.getText() === 'Date') {
      note(node, 'Date()');
    } else if (
      timeless &&
      ts.isImportDeclaration(node) &&
      /^node:timers/.test((node.moduleSpecifier as ts.StringLiteral).text)
    ) {
      note(node, 'node:timers');
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('time and chance', () => {
  it('come in through constructors', () => {
    expect(sourcesUnder('src').flatMap(timeAndChance)).toEqual([]);
  });

  it.each([
    ['const t = Date.now();', 'Date.now'],
    ['const t = new Date();', 'new Date()'],
    ['const t = new Date;', 'new Date()'],
    ['const t = Date();', 'Date()'],
    ['const t = performance.now();', 'performance.now'],
    ['const t = globalThis.performance.now();', 'performance.now'],
    ['setTimeout(() => {}, 5);', 'setTimeout'],
    ['globalThis.setTimeout(() => {}, 5);', 'setTimeout'],
    ['const later = setInterval;', 'setInterval'],
    ['const t = process.hrtime.bigint();', 'process.hrtime'],
    [`import { setTimeout as wait } from 'node:timers/promises';`, 'node:timers'],
    ['const r = Math.random();', 'Math.random'],
    ['const { a = Math.random } = {};', 'Math.random'],
  ])('%s is seen', (text, what) => {
    for (const room of ['shared', 'engine/proxy', 'rpc']) {
      const found = timeAndChance({ path: `src/${room}/x.ts`, text: `\n${text}` });
      expect(found[0]).toContain(`src/${room}/x.ts:2 uses ${what}:`);
    }
  });

  it('Math.random is seen in every room, the clock too', () => {
    for (const path of [CLOCK, 'src/renderer/x.ts', 'src/main/x.ts', 'src/cli/x.ts']) {
      expect(timeAndChance({ path, text: 'Math.random()' })).toHaveLength(1);
    }
    const component = { path: 'src/renderer/X.vue', text: '<script setup lang="ts">\nMath.random();\n</script>' };
    expect(timeAndChance(component)[0]).toContain('X.vue:2');
  });

  it.each([
    '// Date.now() is not used here, nor setTimeout',
    `const text = 'Math.random()';`,
    'const t = new Date(clock.now()).toISOString();',
    'socket.setTimeout(0);',
    'let timer: ReturnType<typeof setTimeout>;',
  ])('%s is left alone', (text) => expect(timeAndChance({ path: 'src/engine/x.ts', text })).toEqual([]));

  it('hosts and page keep their own time', () => {
    expect(timeAndChance({ path: 'src/renderer/x.ts', text: 'setTimeout(f, Date.now())' })).toEqual([]);
    expect(timeAndChance({ path: CLOCK, text: 'setTimeout(f, Date.now())' })).toEqual([]);
  });
});
