import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What the recipes build as an example. */
const EXAMPLES = /\/(bursts|stream-limit|json-lines)(\.ts|\/|$)/;

/** A sentence for each place that a document names and that is not there. */
export function brokenPlaces(path: string, text: string, exists: (path: string) => boolean): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => posix.join(posix.dirname(path), target));
  // a name with a placeholder or a list in it is looked up as far as it is plain
  const places = [...prose.matchAll(/`((?:src|test|docs|scripts|scenarios)\/[^`\s]*)`/g)].map(([, place]) =>
    place!.replace(/(\/|\/?[^/]*[<{*…].*)$/, ''),
  );
  return [...links, ...places]
    .filter((place) => !EXAMPLES.test(place) && !exists(place))
    .map((place) => `${path} names ${place}, which is not there.`);
}

describe('documents', () => {
  it('name what is there', () => {
    const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .map((name) => `docs/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.md'));
    const files = ['README.md', 'CONTRIBUTING.md', ...docs];
    expect(files.length).toBeGreaterThan(8);
    expect(files.flatMap((path) => brokenPlaces(path, readFileSync(path, 'utf8'), existsSync))).toEqual([]);
  });

  const there = (path: string): boolean => ['docs/a.md', 'src/engine', 'src/engine/x.ts'].includes(path);

  it.each([
    '[a](b.md)',
    '[a](../docs/c.md#part)',
    'see `src/engine/y.ts`',
    'all of `src/motor/`',
    '`src/motor/<id>.ts`',
  ])('%s is seen', (text) => expect(brokenPlaces('docs/x.md', text, there)).toHaveLength(1));

  it.each([
    '[a](a.md#part)',
    '[a](https://example.org/b.md)',
    '[a](#part)',
    '`src/engine/x.ts`',
    '`src/engine/`',
    '`src/engine/<method>/serve.ts`',
    '```ts\n// `src/engine/y.ts`\n```',
  ])('%s is left alone', (text) => expect(brokenPlaces('docs/x.md', text, there)).toEqual([]));
});
