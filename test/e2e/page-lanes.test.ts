/** Lanes, drops and time in the Live view, through the page alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openThePage, pageMissing, type ThePage } from './the-page.ts';

describe.skipIf(pageMissing)(`lanes and drops in Live${pageMissing ? ` (skipped: ${pageMissing})` : ''}`, () => {
  let t: ThePage;
  beforeAll(async () => {
    t = await openThePage({ workload: { name: 'custom', rate: 2, size: null, burst: null }, seed: 3 });
  });
  afterAll(async () => {
    await t?.close();
  });

  it('a lane is added, named, set and removed while the others go on', async () => {
    await t.by('lane-sse').waitFor();
    await t.by('add-lane').click();
    await t.by('add-websocket').click();
    await t.until(async () => expect(await t.number('websocket-2', 'received')).toBeGreaterThan(0));
    await t.of('websocket-2', 'lane-menu').click();
    await t.by('lane-settings').click();
    await t.by('lane-name').fill('canary');
    await t.by('lane-pingMs').fill('5s');
    await t.by('lane-apply').click();
    await t.by('lane-settings-form').waitFor({ state: 'hidden' });
    await t.until(async () => expect(await t.by('lane-websocket-2').textContent()).toContain('canary'));
    expect(t.lab.snapshot().lanes.at(-1)).toMatchObject({ name: 'canary', client: { pingMs: 5000 } });
    await t.of('websocket-2', 'lane-menu').click();
    await t.by('lane-remove').click();
    await t.by('lane-websocket-2').waitFor({ state: 'detached' });
    expect(t.lab.summary()['websocket-2']!.unique).toBeGreaterThan(0);
  });

  it('a drop opens its card, an event its payload', async () => {
    await t.by('cut-all').click();
    await t.by('ledger-row').first().waitFor();
    await t.by('ledger-row').first().click();
    await t.by('drop-card').waitFor();
    expect(await t.by('drop-by').textContent()).toContain('known: our own path');
    expect(await t.by('drop-why').textContent()).toContain('cut by hand');
    await t.page.keyboard.press('Escape');
    await t.by('drop-card').waitFor({ state: 'detached' });
    await t.by('filter-kind').selectOption('events');
    await t.by('event-row').first().click();
    await t.by('event-panel').waitFor();
    await t.by('event-text').click();
    expect(((await t.by('event-text-view').textContent()) ?? '').length).toBeGreaterThan(0);
    await t.by('event-close').click();
  });

  it('a stretch that is dragged over has its own figures', async () => {
    const box = (await t.of('sse', 'ribbon').boundingBox())!;
    const y = box.y + box.height - 6;
    await t.page.mouse.move(box.x + box.width * 0.6, y);
    await t.page.mouse.down();
    await t.page.mouse.move(box.x + box.width * 0.9, y, { steps: 4 });
    await t.page.mouse.up();
    await t.by('selection').waitFor();
    expect(await t.of('sse', 'selected-events').textContent()).toMatch(/^\d+ events?$/);
    await t.by('zoom-selection').click();
    await t.by('selection').waitFor({ state: 'detached' });
    await t.by('frozen').click();
    await t.by('frozen').waitFor({ state: 'detached' });
    expect(t.complaints).toEqual([]);
  });
});
