import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES, type ShellChoices } from '../../../src/shared/shell.ts';
import { isQuiet, Notifier } from '../../../src/main/manners/notifier.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

describe('notifications', () => {
  let choices: ShellChoices;
  let clock: FakeClock;
  let shown: [string, string][];
  let notifier: Notifier;
  const drop = (name: string): void => notifier.take({ what: 'drops', text: `${name} dropped` });
  beforeEach(() => {
    choices = { ...DEFAULT_CHOICES, notify: { drops: true, gaps: false, recovered: false } };
    clock = new FakeClock();
    shown = [];
    notifier = new Notifier(
      clock,
      () => choices,
      (title, body) => void shown.push([title, body]),
    );
  });

  it('tell nothing unless somebody chose it', async () => {
    choices = DEFAULT_CHOICES;
    drop('SSE');
    await clock.pass(60_000);
    expect(shown).toEqual([]);
  });

  it('tell what was chosen, and nothing else', async () => {
    notifier.take({ what: 'gaps', text: 'SSE has missed 3 events' });
    drop('SSE');
    await clock.pass(2000);
    expect(shown).toEqual([['SSE dropped', '']]);
  });

  it('gather a flock into one, and rest after it', async () => {
    for (let i = 1; i <= 5; i++) drop(`Lane ${i}`);
    await clock.pass(2000);
    expect(shown).toEqual([['5 things have happened', 'Lane 1 dropped\nLane 2 dropped\nLane 3 dropped\nand 2 more']]);
    drop('Lane 6');
    await clock.pass(5000);
    expect(shown).toHaveLength(1);
    await clock.pass(15_000);
    expect(shown.at(-1)).toEqual(['Lane 6 dropped', '']);
  });

  it('are silent in the quiet hours, also over midnight', async () => {
    choices = { ...choices, quiet: { from: '00:00', to: '00:00' } };
    drop('SSE');
    await clock.pass(60_000);
    expect(shown).toEqual([]);
    const at = (time: string): boolean => isQuiet({ from: '22:00', to: '07:00' }, new Date(`2026-01-02T${time}`));
    expect(['21:59', '22:00', '03:00', '06:59', '07:00'].map(at)).toEqual([false, true, true, true, false]);
    const noon = { from: '12:00', to: '13:00' };
    expect(isQuiet(noon, new Date('2026-01-02T12:30'))).toBe(true);
    expect(isQuiet(noon, new Date('2026-01-02T13:00'))).toBe(false);
  });
});
