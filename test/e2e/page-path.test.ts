/** The Path view in a real browser: a path is picked, changed, used and kept, and the run has it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openThePage, pageMissing, type ThePage } from './the-page.ts';

describe.skipIf(pageMissing)(`the Path view${pageMissing ? ` (skipped: ${pageMissing})` : ''}`, () => {
  let t: ThePage;
  beforeAll(async () => {
    t = await openThePage({ workload: { name: 'quiet', rate: null, size: null, burst: null }, seed: 5 });
    await t.by('lane-sse').waitFor();
  });
  afterAll(() => t?.close());

  it('picks a preset by its name, changes its limit and uses it: the Live view says which path it is', async () => {
    await t.page.keyboard.press('2');
    await t.by('paths-search').fill('nginx set up');
    await t.by('entry-preset:nginx-tuned').waitFor(); // the engine has told which there are
    await t.page.keyboard.press('ArrowDown');
    await t.until(async () => expect(await t.by('path-title').textContent()).toBe('nginx, set up for streams'));
    await t.until(async () => expect(await t.by('outcome-sse').textContent()).toContain('A comment every 30 s'));
    await t.by('fault-http-idle-timeout').getByLabel('Idle limit').fill('4s');
    await t.until(async () => expect(await t.by('outcome-sse').textContent()).toContain('A comment every 2 s'));
    await t.by('path-use').click();
    await t.by('path-in-use').waitFor();
    expect(t.lab.snapshot().path).toMatchObject({ via: ['nginx-tuned:http-idle-timeout=4s'], idleLimitMs: 4000 });
    // lanes that were opened on the direct path are told apart, and brought over
    await t.by('path-bring-over').click();
    await t.by('path-old-ones').waitFor({ state: 'detached' });
    await t.by('path-watch').click();
    await t.until(async () =>
      expect(await t.by('path').textContent()).toContain('nginx, set up for streams, idle limit 4 s'),
    );
    await t.until(async () => {
      expect((await t.ledger('SSE')).map((row) => row.endedBy)).toContainEqual(
        expect.stringMatching(/^FIN · idle ([4-9]|[1-9]\d)/),
      );
    }, 60_000);
  });

  it('keeps a path of one’s own beyond a reload', async () => {
    await t.by('view-path').click();
    await t.by('path-duplicate').click();
    await t.by('path-name').fill('Office');
    await t.by('path-save').click();
    await t.by('entry-own:Office').waitFor();
    await t.page.reload();
    await t.by('view-path').click();
    await t.by('entry-own:Office').click();
    await t.until(async () => expect(await t.by('via-text').textContent()).toContain('idle'));
    await t.by('path-delete').click();
    await t.by('entry-own:Office').waitFor({ state: 'detached' });
  });

  it('names what the engine will not take, in place', async () => {
    await t.by('entry-preset:impatient-proxy').click();
    await t.by('fault-idle-timeout').getByLabel('Idle limit').fill('soon');
    await t.until(async () => expect(await t.by('stack').textContent()).toContain('"soon" is not a duration'));
    await t.until(async () => expect(await t.by('path-use').isDisabled()).toBe(true));
    await t.by('path-reset').click();
  });

  it('opens a fault that is added to a long stack, ready to be typed into', async () => {
    await t.by('entry-preset:varnish').click();
    await t.by('stack-add').selectOption('slice');
    await t.until(async () => expect(await t.by('fault-slice').locator(':focus').count()).toBe(1));
    await t.until(async () => expect(await t.by('via-text').textContent()).toMatch(/\+slice:$/));
    await t.by('path-reset').click();
  });

  it('drags a fault to another place', async () => {
    await t.by('entry-preset:slow-line').click();
    const order = (): Promise<string[]> =>
      t.page.locator('[data-testid^="card-"]').evaluateAll((all) => all.map((c) => c.getAttribute('data-testid')!));
    await t.until(async () => expect(await order()).toEqual(['card-latency', 'card-bandwidth']));
    await t.by('card-latency').getByTestId('grip').dragTo(t.by('card-bandwidth'));
    await t.until(async () => expect(await order()).toEqual(['card-bandwidth', 'card-latency']));
  });

  it('scales time in a new run, and every view says so', async () => {
    const { runStartedAt } = t.lab.snapshot();
    await t.by('scale-10').click();
    await t.until(async () => expect(await t.by('time-scaled').textContent()).toBe('time ×10'));
    expect(t.lab.snapshot().runStartedAt).toBeGreaterThan(runStartedAt);
    expect(t.lab.snapshot().path.via).toEqual(['nginx-tuned:http-idle-timeout=4s']);
    await t.page.keyboard.press('1');
    await t.by('lane-sse').waitFor();
    await t.until(async () => {
      expect(await t.by('time-scaled').textContent()).toBe('time ×10');
      expect(await t.by('status').textContent()).toContain('×10');
    });
  });

  it('nothing went wrong in all of this', () => {
    expect(t.complaints).toEqual([]);
  });
});
