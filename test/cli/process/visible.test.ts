import { expect, it } from 'vitest';
import { paint } from '../../../src/cli/text/paint.ts';
import { visible, visibleJson } from '../../../src/cli/process/visible.ts';

const HOSTILE = '\x1b]0;pwned\x07\x1b[2J\x9b2J\x7f\r\0';

it('shows what would command a terminal, and keeps lines, tabs and our own colours', () => {
  const shown = visible(`a\n\tb ${HOSTILE} ${paint(true)('red', 'red')}`, true);
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  expect(shown.replaceAll(/\x1b\[(31|39)m/g, '')).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
  expect(shown).toContain('a\n\tb ');
  expect(shown).toContain('\x1b[31mred\x1b[39m');
  expect(visible(paint(true)('red', 'red'))).toBe('\ufffd[31mred\ufffd[39m');
});

it('writes JSON that says the same without a control character', () => {
  const text = visibleJson({ name: HOSTILE });
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  expect(text).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
  expect(JSON.parse(text)).toEqual({ name: HOSTILE });
});
