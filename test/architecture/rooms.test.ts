import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, sourcesUnder, type Source } from './sources.ts';

interface Room {
  /** Folders of src, or single files, it may import beside itself. */
  rooms: string[];
  /** Packages it may import; `node:*` is every module of Node. */
  packages: string[];
}

/** What anything in the engine may stand on: time, messages and notes, and no lane, server or path. */
const ENGINE_BASE = ['evidence', 'http', 'journal', 'log', 'time', 'wire'].map((name) => `engine/${name}`);

const RENDERER_PACKAGES = ['vue', 'pinia', 'reka-ui', '@tanstack/vue-virtual', 'yaml'];

/** The layers of src. The longest name that fits a path is its room; `*` is any one folder. */
const ROOMS: Record<string, Room> = {
  shared: { rooms: [], packages: ['valibot', 'yaml'] },
  engine: { rooms: ['shared'], packages: ['node:*', 'ws', 'yaml'] },
  'engine/log': { rooms: ['shared'], packages: ['node:*', '@redis/client'] },
  // The two ends and the network between them know nothing of each other; methods join the ends, a run joins all.
  'engine/client': { rooms: ['shared', ...ENGINE_BASE], packages: ['node:*', 'tough-cookie'] },
  'engine/server': { rooms: ['shared', ...ENGINE_BASE], packages: ['node:*'] },
  'engine/proxy': { rooms: ['shared', ...ENGINE_BASE], packages: ['node:*'] },
  'engine/proxy-server': { rooms: ['shared', ...ENGINE_BASE, 'engine/proxy'], packages: ['node:*', 'yaml'] },
  'engine/transports': {
    rooms: ['shared', ...ENGINE_BASE, 'engine/client', 'engine/server'],
    packages: ['node:*', 'ws'],
  },
  'engine/proxy/tcp/faults': { rooms: ['shared', 'engine/time/clock.ts'], packages: [] },
  rpc: { rooms: ['shared'], packages: ['birpc', 'valibot'] },
  main: { rooms: ['shared', 'engine', 'rpc'], packages: ['electron', 'electron-updater', 'yaml', 'node:*'] },
  preload: { rooms: [], packages: ['electron'] },
  cli: { rooms: ['shared', 'engine', 'rpc'], packages: ['commander', 'ws', 'node:*'] },
  renderer: { rooms: ['shared', 'rpc'], packages: RENDERER_PACKAGES },
  // A feature of the page is whole by itself: what two share lies beside features.
  'renderer/features/*': {
    rooms: [
      'shared',
      'rpc',
      ...['fault-form', 'labels', 'model', 'stores', 'timeline', 'ui'].map((name) => `renderer/${name}`),
    ],
    packages: RENDERER_PACKAGES,
  },
};

/** A sentence for each forbidden import, which says what is allowed. */
export function roomProblems(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const found = roomOf(source.path);
    if (!found) return [`${source.path}: stands in no room. The rooms of src are ${Object.keys(ROOMS).join(', ')}.`];
    const { name, room } = found;
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

/** The room a file is in, by the name of its own folder where the plan says `*`. */
function roomOf(path: string): { name: string; room: Room } | null {
  const folders = path
    .replace(/^src\//, '')
    .split('/')
    .slice(0, -1);
  for (let depth = folders.length; depth > 0; depth--) {
    const name = folders.slice(0, depth).join('/');
    const room = ROOMS[name] ?? ROOMS[[...folders.slice(0, depth - 1), '*'].join('/')];
    if (room) return { name, room };
  }
  return null;
}

function mayImport(path: string, name: string, room: Room, specifier: string): boolean {
  if (!specifier.startsWith('.')) {
    return room.packages.some((p) =>
      p === 'node:*' ? specifier.startsWith('node:') : specifier === p || specifier.startsWith(`${p}/`),
    );
  }
  const target = posix.join(posix.dirname(path), specifier);
  return [name, ...room.rooms].some((r) => target === `src/${r}` || target.startsWith(`src/${r}/`));
}

describe('the rooms', () => {
  it('import only what they may', () => {
    const sources = sourcesUnder('src');
    expect(sources.length).toBeGreaterThan(20);
    expect(roomProblems(sources)).toEqual([]);
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
    [
      'src/engine/client/lane/x.ts',
      `import { A } from '../../server/event-server.ts';`,
      'src/engine/client may import',
    ],
    ['src/engine/proxy/x.ts', `import { A } from '../client/net/request.ts';`, 'src/engine/proxy may import only'],
    [
      'src/renderer/features/live/x.vue',
      `<script setup lang="ts">import { A } from '../path/x.ts';</script>`,
      'src/renderer/features/live may import only',
    ],
  ])('a forbidden import in %s is seen: %s', (path, text, sentence) => {
    const problems = roomProblems([{ path, text }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
  });

  it('let through what is allowed', () => {
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
    expect(roomProblems(right)).toEqual([]);
  });
});
