/** The storyboard in a real browser: a scenario is bent by hand, kept, played here, and run unchanged by the command line. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScenarioText } from '../../src/engine/scenario/read.ts';
import { runScenario } from '../../src/engine/run-scenario.ts';
import { labClock } from '../helpers/steady-clock.ts';
import { openThePage, pageMissing, type ThePage } from './the-page.ts';

describe.skipIf(pageMissing)(`the storyboard${pageMissing ? ` (skipped: ${pageMissing})` : ''}`, () => {
  let t: ThePage;
  beforeAll(async () => {
    t = await openThePage({ workload: { name: 'quiet', rate: null, size: null, burst: null }, seed: 5 });
    await t.by('lane-sse').waitFor();
  });
  afterAll(() => t?.close());

  /** The text, whatever lies open beside the board. */
  const yaml = async (): Promise<string> => {
    if ((await t.by('yaml-text').count()) === 0) await t.by('board-tab-yaml').click();
    return t.by('yaml-text').inputValue();
  };
  const has = (line: string): Promise<void> => t.until(async () => expect(await yaml()).toContain(line));
  const name = async (item: string): Promise<string> => (await t.by(`item-${item}`).getAttribute('aria-label')) ?? '';
  /** From the middle of something, so far to the right. */
  const drag = async (what: string, dx: number): Promise<void> => {
    const box = (await t.by(what).boundingBox())!;
    const [x, y] = [box.x + Math.min(box.width / 2, 6), box.y + box.height / 2];
    await t.page.mouse.move(x, y);
    await t.page.mouse.down();
    await t.page.mouse.move(x + dx / 2, y, { steps: 3 });
    await t.page.mouse.move(x + dx, y, { steps: 3 });
    await t.page.mouse.up();
  };
  /** Pixels a second on the board, from where its end stands; once it stands, as the board is drawn anew for its width. */
  const perSecond = async (): Promise<number> => {
    let [pixels, before] = [0, -1];
    await t.until(async () => {
      before = pixels;
      const end = (await t.by('board-end').boundingBox())!;
      const track = (await t.by('track-path').boundingBox())!;
      pixels = (end.x + 5 - track.x) / (Number(await t.by('board-end').getAttribute('aria-valuenow')) / 1000);
      expect(pixels).toBe(before);
    });
    return pixels;
  };

  it('opens what comes with Heartline, with its steps in words', async () => {
    await t.page.keyboard.press('3');
    await t.by('board-shipped:deploy.yaml').click();
    await t.until(async () => expect(await name('2')).toBe('Kill 3 s from 50 s for 3 s'));
    await t.by('board-tab-yaml').click();
    expect(await yaml()).toBe(readFileSync('scenarios/deploy.yaml', 'utf8'));
  });

  it('drags a step, draws it out, and lays another: the text says so, and nothing else of it moves', async () => {
    const before = await yaml();
    const second = await perSecond();
    await drag('item-2', 4 * second);
    await has('  - { at: 54s, do: kill-server, for: 3s }');
    await drag('edge-2', 3 * second);
    await has('  - { at: 54s, do: kill-server, for: 6s }');
    const chip = (await t.by('add-fault').boundingBox())!;
    const track = (await t.by('track-path').boundingBox())!;
    await t.page.mouse.move(chip.x + 8, chip.y + 8);
    await t.page.mouse.down();
    await t.page.mouse.move(track.x + 10 * second, track.y + 8, { steps: 4 });
    await t.page.mouse.move(track.x + 20 * second, track.y + 8, { steps: 4 });
    await t.page.mouse.up();
    await has('  - { at: 20s, do: fault, via: idle-timeout:after=10s, for: 20s }');
    const after = (await yaml()).split('\n').filter((line) => !before.includes(line));
    expect(after).toEqual([
      '  - { at: 20s, do: fault, via: idle-timeout:after=10s, for: 20s }',
      '  - { at: 54s, do: kill-server, for: 6s }',
    ]);
  });

  it('takes it all back with the keyboard, and does it again', async () => {
    const bent = await yaml();
    await t.by('item-1').focus();
    for (let i = 0; i < 3; i++) await t.page.keyboard.press('Control+z');
    await t.until(async () => expect(await yaml()).toBe(readFileSync('scenarios/deploy.yaml', 'utf8')));
    for (let i = 0; i < 3; i++) await t.page.keyboard.press('Control+Shift+z');
    await t.until(async () => expect(await yaml()).toBe(bent));
  });

  it('moves and resizes by the keyboard', async () => {
    await t.by('item-3').focus();
    await t.page.keyboard.press('ArrowRight');
    await t.page.keyboard.press('Shift+ArrowRight');
    await t.until(async () => expect(await name('3')).toMatch(/^Kill 6\.5 s from 54\.5 s|^Kill 7 s from 55 s/));
    await t.page.keyboard.press('Control+z');
    await t.page.keyboard.press('Control+z');
    await has('  - { at: 54s, do: kill-server, for: 6s }');
  });

  it('places what is wrong at its line, and on its step', async () => {
    const good = await yaml();
    await t.by('yaml-text').fill(good.replace('idle-timeout', 'idle-timout'));
    await t.until(async () => {
      expect(await t.by('yaml-problem-16').textContent()).toMatch(/schedule\[1\]\.via.*Did you mean idle-timeout\?/);
    });
    await t.until(async () => {
      expect(await name('1')).toContain('Problem: There is no preset');
      expect(await t.by('board-play').isDisabled()).toBe(true);
    });
    await t.by('yaml-text').fill(good.replace('schedule:', 'schedule: ['));
    await t.by('board-stale').waitFor();
    // the board as it was last stays in its place, below the settings
    const settings = (await t.by('step-palette').boundingBox())!;
    const board = (await t.by('timeline').boundingBox())!;
    expect(board.y).toBeGreaterThanOrEqual(settings.y + settings.height);
    await t.by('yaml-problem-15').waitFor();
    await t.until(async () => expect(await name('3')).toBe('Kill 6 s from 54 s for 6 s'));
    await t.by('yaml-text').fill(good);
    await t.by('board-stale').waitFor({ state: 'detached' });
  });

  it('keeps what nobody has saved beyond a reload', async () => {
    const bent = await yaml();
    await t.page.reload();
    await t.by('lane-sse').waitFor();
    await t.page.keyboard.press('3');
    await t.by('board-tab-yaml').click();
    await t.until(async () => expect(await yaml()).toBe(bent));
  });

  it('plays it in time that is scaled, and says what the checks came to; the command line says the same of the file', async () => {
    await t.by('board-duration').fill('70s');
    await t.page.keyboard.press('Enter');
    await t.by('item-4.workload').focus();
    await t.page.keyboard.press('Delete');
    await t.by('expect-measure').fill('drops.kill');
    await t.by('expect-lane').selectOption('sse');
    await t.by('expect-value').fill('7');
    await t.by('expect-add').click();
    await has('  - sse: drops.kill == 7');
    // the workload goes on to the end: who polls may be behind by then
    const behind = (await yaml()).split('\n').filter((line) => line.startsWith('  - ') && line.includes(' == ')).indexOf('  - behind == 0'); // prettier-ignore
    await t.by(`expect-remove-${behind}`).click({ force: true });
    await t.by('board-name').fill('Deploy, bent');
    await t.page.keyboard.press('Enter');
    await t.by('board-scale-20').click();
    await has("name: 'Deploy, bent'");
    await t.page.keyboard.press('Control+s');
    await t.by('board-own:Deploy, bent').waitFor();
    await t.until(async () => expect(await t.by('board-badge').textContent()).toBe('yours'));

    await t.by('board-play').click();
    await t.by('playhead').waitFor();
    await t.until(async () => expect(await t.by('scenario-strip').textContent()).toMatch(/“Deploy, bent”.*of 70 s at ×20/)); // prettier-ignore
    await t.page.keyboard.press('1');
    await t.by('lane-sse').waitFor();
    await t.until(async () => expect(await t.by('strip-end').textContent()).toMatch(/\d+ of \d+ checks passed/), 60_000); // prettier-ignore
    await t.by('strip-show').click();
    await t.until(async () => expect(await t.by('checks-sum').textContent()).toMatch(/of \d+ checks passed/));
    const wrong = t.page.locator('[data-testid^="expect-"]').filter({ hasText: 'drops.kill == 7' }).first();
    await t.until(async () => {
      expect(await wrong.textContent()).toMatch(/failed.*sse 1/);
      expect(await name('3')).toContain(', done');
    });

    const [kept] = await t.lab.savedScenarios();
    const text = readFileSync(kept!.file!, 'utf8');
    expect(text).toBe(await yaml());
    const read = readScenarioText(text);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const result = await runScenario(read.plan, { version: 'test', clock: labClock });
    expect(result.checks.filter((c) => c.name === 'drops.kill == 7')).toMatchObject([{ lane: 'sse', passed: false, actual: '1' }]); // prettier-ignore
    expect(result.checks.map((c) => `${c.lane} ${c.name}`)).toEqual(t.lab.snapshot().scenario!.checks!.map((c) => `${c.lane} ${c.name}`)); // prettier-ignore
  });

  it('stops it before its time; the run goes on', async () => {
    await t.by('board-scale-1').click();
    await t.until(async () => expect(await t.by('board-play').isEnabled()).toBe(true));
    await t.by('board-play').click();
    const plays = { endedAt: null, beganAt: expect.any(Number) as number };
    await t.until(async () => expect(t.lab.snapshot().scenario).toMatchObject(plays));
    const { runStartedAt } = t.lab.snapshot();
    await t.by('strip-stop').click();
    await t.until(async () => expect(await t.by('strip-end').textContent()).toBe('stopped'));
    expect(t.lab.snapshot()).toMatchObject({ runStartedAt, scenario: { stopped: true } });
  });

  it('nothing went wrong in all of this', () => {
    expect(t.complaints).toEqual([]);
  });
});
