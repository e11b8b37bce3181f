import { describe, expect, it } from 'vitest';
import { cycleProblems } from './import-graph.ts';
import { sourcesUnder } from './sources.ts';

describe('imports', () => {
  it('go one way between files, and between folders', () => {
    expect(cycleProblems(sourcesUnder('src')).join('\n\n')).toBe('');
  });

  const file = (path: string, ...imports: string[]) => ({
    path: `src/${path}`,
    text: imports.map((name) => `import type { X } from '${name}';`).join('\n'),
  });

  it.each([
    ['two files', [file('a/x.ts', './y.ts'), file('a/y.ts', './x.ts')], 'In src/a, x.ts → y.ts → x.ts'],
    [
      'three files',
      [file('x.ts', './y.ts'), file('y.ts', './z.ts'), file('z.ts', './x.ts')],
      'In src, x.ts → y.ts → z.ts → x.ts',
    ],
    [
      'two folders whose files form none',
      [file('a/x.ts', '../b/x.ts'), file('b/x.ts'), file('b/y.ts', '../a/z.ts'), file('a/z.ts')],
      'In src, a → b → a',
    ],
    [
      'two folders by folders inside them',
      [file('a/in/x.ts', '../../b/x.ts'), file('b/x.ts'), file('b/deep/er/y.ts', '../../../a/z.ts'), file('a/z.ts')],
      'In src, a → b → a',
    ],
    [
      'a folder and a file beside it',
      [file('a/parts/one.ts', '../whole.ts'), file('a/whole.ts', './parts/two.ts'), file('a/parts/two.ts')],
      'In src/a, parts → whole.ts → parts',
    ],
  ])('a cycle of %s is seen', (_, sources, words) => {
    const problems = cycleProblems(sources);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
  });

  it('names each import of a cycle, and what is allowed', () => {
    const sources = [
      file('a/x.ts', '../c/x.ts', '../b/x.ts'),
      file('b/x.ts', '../c/x.ts', '../a/x.ts'),
      file('c/x.ts'),
      file('d/x.ts', '../a/x.ts'),
    ];
    expect(cycleProblems(sources)).toEqual([
      [
        'In src, a → b → a is a cycle:',
        '  src/a/x.ts:2 imports src/b/x.ts',
        '  src/b/x.ts:2 imports src/a/x.ts',
        'src/a may import only what does not lead back to it: c. Move what both need beneath them, or hand it in.',
      ].join('\n'),
    ]);
  });

  it.each([
    [
      'a registry beside the folder it lists',
      [file('a/index.ts', './parts/one.ts'), file('a/parts/one.ts', '../part.ts'), file('a/part.ts')],
    ],
    [
      'a folder that uses one file of the folder above, and is used by another',
      [file('a/x.ts', './in/x.ts', './y.ts'), file('a/in/x.ts', '../y.ts'), file('a/y.ts')],
    ],
  ])('%s is none', (_, sources) => expect(cycleProblems(sources)).toEqual([]));
});
