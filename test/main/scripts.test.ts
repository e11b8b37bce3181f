import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceHash, whyBuild } from '../../scripts/build.mjs';
import { deadCode } from '../../scripts/dead-code.mjs';
import { findElectron } from '../../scripts/find-electron.mjs';
import { newEnough, tooOld } from '../../scripts/ensure-node.mjs';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'heartline-scripts-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));
const put = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};

describe('the Node a script runs on', () => {
  it.each([
    ['20.20.2', false],
    ['22.17.9', false],
    ['22.18.0', true],
    ['24.21.0', true],
  ])('%s will do: %s', (version, enough) => expect(newEnough(version)).toBe(enough));

  it('is refused in one sentence that names what is needed and the way to it', () => {
    expect(tooOld('20.1.0', false)).toMatch(
      /needs Node 22\.18 or newer, and this is Node 20\.1\.0\. Run `npm ci` first/,
    );
    expect(tooOld('20.1.0', true)).toContain('Install Node 24');
  });
});

describe('the build stamp', () => {
  const products = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
  beforeEach(() => {
    for (const file of ['src/a.ts', 'electron.vite.config.ts', 'package.json', 'package-lock.json']) put(file, file);
  });
  const stamp = (): void => put('out/.stamp', sourceHash(root));

  it('asks for a build when there is none, when a product is gone and when a source has changed', () => {
    expect(whyBuild(root)).toMatch(/not been built/);
    stamp();
    expect(whyBuild(root)).toMatch(/not been built/);
    for (const file of products) put(file, '');
    expect(whyBuild(root)).toBeNull();
    put('src/deep/b.ts', 'new');
    expect(whyBuild(root)).toMatch(/have changed/);
    stamp();
    put('src/a.ts', 'src/b.ts');
    expect(whyBuild(root)).toMatch(/have changed/);
  });

  it('does not ask for one because a file was touched', () => {
    for (const file of products) put(file, '');
    stamp();
    put('src/a.ts', 'src/a.ts');
    expect(whyBuild(root)).toBeNull();
  });
});

describe('dead code', () => {
  it('names exports and files nobody imports, and no others', () => {
    put('src/cli/index.ts', `import { used } from '../a.ts';\nimport * as all from '../all.ts';\nused(all);\n`);
    put(
      'src/a.ts',
      [
        'export function used(o: Options): void {}',
        'export interface Options { a: number }',
        'export const unused = 1;',
        'export type Loose = string;',
        'export const inside = 2;',
        'used({ a: inside });',
      ].join('\n'),
    );
    put('src/all.ts', 'export const one = 1, two = 2;');
    put('src/lonely.ts', 'export const x = 1;');
    put('src/renderer/main.ts', `import Page from './Page.vue';\nvoid import('./late.ts');\nconsole.log(Page);`);
    put(
      'src/renderer/Page.vue',
      `<script setup lang="ts">\nimport { label } from './words.ts';\n</script>\n<template>{{ label }}</template>`,
    );
    put('src/renderer/words.ts', 'export const label = 1;\nexport { label as title };');
    put('src/renderer/late.ts', 'export const later = 1;');
    expect(deadCode(root)).toEqual([
      'src/a.ts:3 nobody imports unused',
      'src/a.ts:4 nobody imports Loose',
      'src/a.ts:5 nobody imports inside: used in its own file only, so it need not be exported',
      'src/lonely.ts:1 nobody imports this file',
      'src/renderer/words.ts:2 nobody imports title',
    ]);
  });
});

describe('looking for Electron', () => {
  it('honours ELECTRON_OVERRIDE_DIST_PATH, and says why there is none', () => {
    const exe = process.platform === 'win32' ? 'electron.exe' : 'electron';
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: root })).toMatchObject({
      path: null,
      reason: expect.stringContaining('has no'),
    });
    if (process.platform === 'darwin') return;
    put(exe, '');
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: root })).toEqual({ path: join(root, exe), reason: null });
  });
});

describe('npm start', () => {
  it.each([
    ['--prot', /--prot/],
    ['--port=banana', /--port: "banana" is not a port/],
    ['--port=70000', /--port: "70000" is not a port/],
  ])('refuses %s before it builds anything', (flag, message) => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', flag], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Usage: npm start');
  });
});
