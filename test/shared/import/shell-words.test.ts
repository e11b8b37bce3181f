import { describe, expect, it } from 'vitest';
import { shellWords } from '../../../src/shared/import/shell-words.ts';

describe('words of a shell', () => {
  it.each<[string, string[]]>([
    [`curl 'a b' "c d" e\\ f`, ['curl', 'a b', 'c d', 'e f']],
    [`curl 'it'\\''s' "say \\"hi\\" \\$5 \\n"`, ['curl', `it's`, 'say "hi" $5 \\n']],
    ["curl $'a\\nb\\u0021\\x41\\'\\\\ \\xe2\\x82\\xac \\101'", ['curl', "a\nb!A'\\ € A"]],
    [`curl \\\n  -H 'a: b' \\\n  x`, ['curl', '-H', 'a: b', 'x']],
    [`curl '' ""`, ['curl', '', '']],
    [`curl a # why`, ['curl', 'a']],
    [`curl a#b`, ['curl', 'a#b']],
    [`curl "costs $ 5"`, ['curl', 'costs $ 5']],
  ])('%s', (text, words) => {
    expect(shellWords(text)).toEqual({ words, rest: '', variables: [] });
  });

  it.each<[string, string]>([
    [`curl a | jq .`, '| jq .'],
    [`curl a 2>/dev/null`, '>/dev/null'],
    [`curl a && echo b`, '&& echo b'],
    [`curl a\ncurl b`, 'curl b'],
  ])('what follows the command is told apart: %s', (text, rest) => {
    expect(shellWords(text)).toMatchObject({ words: ['curl', 'a'], rest });
  });

  it('a variable stands for itself', () => {
    expect(shellWords(`curl "Bearer $TOKEN" '$NOT' x\${HOST}y`)).toEqual({
      words: ['curl', 'Bearer {var.TOKEN}', '$NOT', 'x{var.HOST}y'],
      rest: '',
      variables: ['TOKEN', 'HOST'],
    });
  });

  it('of cmd, as browsers copy it', () => {
    const text = `curl ^"https://a.example/x?b=1^&c=^%^7B^" ^\n  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"130^\\^"^" ^\n  --data-raw ^"^{^\\^"a^\\^":^\\^"C:^\\^\\x^\\^"^}^"`;
    expect(shellWords(text).words).toEqual([
      'curl',
      'https://a.example/x?b=1&c=%7B',
      '-H',
      'sec-ch-ua: "Chromium";v="130"',
      '--data-raw',
      '{"a":"C:\\x"}',
    ]);
    expect(shellWords(`curl "a" ^\r\n -d "{""b"":1}"`).words).toEqual(['curl', 'a', '-d', '{"b":1}']);
    expect(shellWords(`curl "a" ^\n -d "one^\n\ntwo"`).words).toEqual(['curl', 'a', '-d', 'one\ntwo']);
  });

  it.each<[string, RegExp, RegExp]>([
    [`curl 'https://a.example/b -H x`, /^the part 'https:/, /never closed/],
    [`curl "a`, /^the part "a/, /never closed/],
    [`curl $'a`, /^the part \$'a/, /never closed/],
    [`curl -H "A: $(cat token)" x`, /^the part \$\(cat token\)$/, /only your shell/],
    [`curl \`which\``, /^the part `which`$/, /only your shell/],
    [`curl "\${X:-5}"`, /^the part \$\{X:-5\}/, /Only the shell/],
  ])('%s: what cannot be understood is named', (text, place, message) => {
    expect(() => shellWords(text)).toThrow(expect.objectContaining({ code: 'cannot-understand' }) as Error);
    try {
      shellWords(text);
    } catch (error) {
      expect(error).toMatchObject({
        place: expect.stringMatching(place) as string,
        message: expect.stringMatching(message) as string,
      });
    }
  });
});
