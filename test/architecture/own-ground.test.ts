import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// Put together here, so that this file does not find itself.
const OUTSIDE = [
  { name: 'a path of the machine it was written on', pattern: new RegExp(`(^|[^\\w.-])/${'work'}/`) },
  {
    name: 'a folder beside the project',
    pattern: new RegExp(`\\.\\./${'shared'}/(design|endpoints|proxies|seeds|skeleton|hooks)\\b`),
  },
];

/** A sentence a line that leads out of the project: a user's clone stands alone. */
export function leadsOutside(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      OUTSIDE.filter(({ pattern }) => pattern.test(line)).map(
        ({ name }) => `${path}:${i + 1} names ${name}: ${line.trim().slice(0, 120)}`,
      ),
    );
}

describe('the project stands on its own ground', () => {
  const git = existsSync('.git');
  it.skipIf(!git)('names nothing outside itself', () => {
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      encoding: 'utf8',
    })
      .split('\0')
      .filter((path) => path && existsSync(path) && !/\.(png|ico|icns|woff2|gz)$/.test(path));
    expect(files).toContain('package.json');
    expect(files.flatMap((path) => leadsOutside(path, readFileSync(path, 'utf8')))).toEqual([]);
  });

  it.each([`cd /${'work'}/main`, `see ../${'shared'}/design/UX.md`, `"/${'work'}/x"`])('%s is seen', (line) => {
    expect(leadsOutside('x.md', `fine\n${line}`)).toHaveLength(1);
    expect(leadsOutside('x.md', `fine\n${line}`)[0]).toContain('x.md:2');
  });

  it.each([
    `import { a } from '../shared/api.ts';`,
    'https://example.org/framework/work',
    `'../${'shared'}/designs.ts'`,
  ])('%s is left alone', (line) => expect(leadsOutside('x.ts', line)).toEqual([]));
});
