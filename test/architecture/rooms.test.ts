import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, sourcesUnder, type Source } from './sources.ts';

interface Room {
  /** Folders of src, or single files, it may import beside itself. */
  rooms: string[];
  /** Packages it may import; `node:*` is every module of Node. */
  packages: string[];
}

/** The plan of the house, as docs tell it. The longest name that fits a path is its room. */
const ROOMS: Record<string, Room> = {
  shared: { rooms: [], packages: ['valibot', 'yaml'] },
  engine: { rooms: ['shared'], packages: ['node:*', 'ws', 'yaml'] },
  'engine/proxy/tcp/faults': { rooms: ['shared', 'engine/time/clock.ts'], packages: [] },
  rpc: { rooms: ['shared'], packages: ['birpc', 'valibot'] },
  main: { rooms: ['shared', 'engine', 'rpc'], packages: ['electron', 'node:*'] },
  preload: { rooms: [], packages: ['electron'] },
  cli: { rooms: ['shared', 'engine', 'rpc'], packages: ['commander', 'ws', 'node:*'] },
  renderer: { rooms: ['shared', 'rpc'], packages: ['vue', 'pinia', 'reka-ui', '@tanstack/vue-virtual'] },
};

/** A sentence a forbidden import, which says what is allowed. */
export function doorProblems(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const name = roomOf(source.path);
    if (name === null)
      return [`${source.path}: stands in no room. The rooms of src are ${Object.keys(ROOMS).join(', ')}.`];
    const room = ROOMS[name]!;
    return importsOf(source)
      .filter(({ specifier }) => !mayImport(source.path, name, room, specifier))
      .map(({ specifier, line }) => {
        const rooms = room.rooms.length
          ? `from ${room.rooms.map((r) => `src/${r}`).join(', ')} and itself`
          : 'from itself';
        const packages = room.packages.length ? `the packages ${room.packages.join(', ')}` : 'no package';
        return `${source.path}:${line} imports ${specifier}, but src/${name} may import only ${rooms}, and ${packages}.`;
      });
  });
}

function roomOf(path: string): string | null {
  const inside = path.replace(/^src\//, '');
  const fits = Object.keys(ROOMS).filter((name) => inside.startsWith(`${name}/`));
  return fits.sort((a, b) => b.length - a.length)[0] ?? null;
}

function mayImport(path: string, name: string, room: Room, specifier: string): boolean {
  if (!specifier.startsWith('.')) {
    return room.packages.some((p) =>
      p === 'node:*' ? specifier.startsWith('node:') : specifier === p || specifier.startsWith(`${p}/`),
    );
  }
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith(`src/${name}/`)) return true;
  return room.rooms.some((r) => target === `src/${r}` || target.startsWith(`src/${r}/`));
}

describe('the rooms', () => {
  it('keep to their doors', () => {
    const sources = sourcesUnder('src');
    expect(sources.length).toBeGreaterThan(20);
    expect(doorProblems(sources)).toEqual([]);
  });

  it.each([
    [
      'src/shared/x.ts',
      `import { readFileSync } from 'node:fs';`,
      'node:fs, but src/shared may import only from itself, and the packages valibot, yaml.',
    ],
    ['src/shared/x.ts', `export * from '../engine/time/clock.ts';`, 'may import only from itself'],
    [
      'src/engine/lab2.ts',
      `import { app } from 'electron';`,
      'electron, but src/engine may import only from src/shared and itself',
    ],
    ['src/engine/a/b.ts', `import type { X } from '../../rpc/wire.ts';`, '../../rpc/wire.ts'],
    [
      'src/engine/proxy/tcp/faults/x.ts',
      `import { createServer } from 'node:net';`,
      'from src/shared, src/engine/time/clock.ts and itself, and no package',
    ],
    ['src/engine/proxy/tcp/faults/x.ts', `import { Lab } from '../../../lab.ts';`, '../lab.ts'],
    ['src/rpc/x.ts', `const lab = await import('../engine/lab.ts');`, 'src/rpc'],
    ['src/preload/x.ts', `import { A } from '../shared/api.ts';`, 'src/preload may import only from itself'],
    [
      'src/renderer/x.vue',
      `<template><p /></template>\n<script setup lang="ts">\nimport { x } from 'node:fs';\n</script>`,
      'src/renderer/x.vue:3 imports node:fs',
    ],
    ['src/cli/x.ts', `let app: import('electron').App;`, 'electron'],
    ['src/attic/x.ts', '', 'stands in no room'],
  ])('a wrong door in %s is told: %s', (path, text, sentence) => {
    const problems = doorProblems([{ path, text }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
  });

  it('open the doors there are', () => {
    const right = [
      {
        path: 'src/engine/x.ts',
        text: `import { a } from '../shared/api.ts'; import b from 'ws'; import 'node:net'; import './y.ts';`,
      },
      {
        path: 'src/engine/proxy/tcp/faults/x.ts',
        text: `import { sleepOn } from '../../../time/clock.ts'; import './fault.ts'; import '../../../../shared/path/params.ts';`,
      },
      { path: 'src/engine/proxy/x.ts', text: `import { FAULTS } from './tcp/faults/index.ts';` },
      {
        path: 'src/renderer/x.ts',
        text: `import './styles/a.css'; import { ref } from 'vue'; import { connectEngine } from '../rpc/client.ts';`,
      },
    ];
    expect(doorProblems(right)).toEqual([]);
  });
});
