/** What the app does beside its window, on a real Electron: its menu, and starting at login. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveTo } from '../rigs/electron/desk.mjs';
import { deskHere } from '../helpers/desk.ts';
import { startTheApp, type TheApp } from '../helpers/electron-app.ts';

const desk = deskHere()!;

interface Item {
  id: string;
  label: string;
  accelerator: string | null;
  enabled: boolean;
}

describe('the manners of the desktop app, on a real Electron', () => {
  let home: string;
  let app: TheApp;
  let page: Page;

  /** All items of the application's menu. */
  const menu = (): Promise<Item[]> =>
    app.electron.evaluate(({ Menu }) => {
      const all: Item[] = [];
      const read = (items: Electron.MenuItem[]): void => {
        for (const item of items) {
          const { id, label, accelerator, enabled, submenu } = item;
          all.push({
            id: id ?? '',
            label,
            accelerator: accelerator === undefined ? null : String(accelerator),
            enabled,
          });
          if (submenu) read(submenu.items);
        }
      };
      read(Menu.getApplicationMenu()!.items);
      return all;
    });
  const choose = (id: string): Promise<void> =>
    app.electron.evaluate(({ Menu }, of) => Menu.getApplicationMenu()!.getMenuItemById(of)!.click(), id);

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'heartline-manners-'));
    const config = join(home, 'config');
    const data = join(home, 'data');
    for (const dir of [config, data]) mkdirSync(dir);
    giveTo(desk, home);
    app = await startTheApp({ dir: data, env: { XDG_CONFIG_HOME: config } });
    page = await app.live();
  });
  afterAll(async () => {
    await app?.remove();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  it('the menu has every action of the palette, with its shortcut', async () => {
    await page.keyboard.press('Control+k');
    const offered = await page
      .getByTestId('palette-dialog')
      .getByRole('option')
      .evaluateAll((all) =>
        all.map((one) => ({
          label: one.firstChild!.textContent!.trim(),
          key: one.querySelector('kbd')?.textContent ?? null,
        })),
      );
    await page.keyboard.press('Escape');
    expect(offered.length).toBeGreaterThan(20);
    const items = await menu();
    for (const { label, key } of offered) {
      const item = items.find((one) => one.label === label && one.id.startsWith('page-'));
      expect(item, label).toBeDefined();
      if (key !== null) expect(item!.accelerator, label).toBe(key);
    }
  });

  it('what is chosen in the menu is done by the page, which tells the menu what it can do now', async () => {
    await choose('page-view-path');
    await page.getByTestId('outcomes').waitFor();
    await choose('page-view-live');
    await choose('page-offline');
    await expect.poll(async () => (await menu()).find(({ id }) => id === 'page-offline')?.label).toBe('Go online');
    await choose('page-offline');
    await expect.poll(async () => (await menu()).find(({ id }) => id === 'page-offline')?.label).toBe('Go offline');
  });

  it('starts at login only when that was chosen', async () => {
    const file = join(home, 'config', 'autostart', 'heartline.desktop');
    expect(existsSync(file)).toBe(false);
    await page.keyboard.press(',');
    await page.getByTestId('settings-login').check();
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toContain('[Desktop Entry]');
    await page.getByTestId('settings-login').uncheck();
    await expect.poll(() => existsSync(file)).toBe(false);
  });
});
