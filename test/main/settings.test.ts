import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../src/shared/shell.ts';
import { readSettings, writeSettings, type Settings } from '../../src/main/settings.ts';

describe('the settings file', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'heartline-settings-'));
    file = join(dir, 'settings.json');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const saved: Settings = {
    window: { x: -5, y: 7, width: 900, height: 600, maximized: true },
    theme: 'light',
    updates: 'check',
    told: ['gpu'],
    desktop: {
      notify: { drops: true, gaps: false, recovered: true },
      quiet: { from: '22:00', to: '07:00' },
      keepInTray: true,
      startAtLogin: false,
    },
  };

  it('gives back what was written, and leaves nothing else behind', () => {
    writeSettings(join(dir, 'new', 'settings.json'), saved);
    expect(readSettings(join(dir, 'new', 'settings.json'))).toEqual({ settings: saved, problem: null });
    expect(readdirSync(join(dir, 'new'))).toEqual(['settings.json']);
  });

  it('is fresh, without a word, when there is none', () => {
    expect(readSettings(file)).toEqual({
      settings: { window: null, theme: 'system', updates: 'off', told: [], desktop: DEFAULT_CHOICES },
      problem: null,
    });
  });

  it.each([
    ['not JSON', '{"theme": "dark"', 'JSON'],
    ['no object', '[1]', 'not an object'],
    ['an unknown theme', '{"theme":"pink"}', 'theme is "pink", not one of system, dark, light'],
    ['an unknown word for updates', '{"updates":"install"}', 'updates is "install", not one of off, check'],
    ['a place that is none', '{"window":{"x":1,"y":2,"width":"wide","height":4}}', 'window.width is not a number'],
    ['an empty file', '', 'JSON'],
  ])('starts fresh on %s, says why, and keeps what was there', (_, text, why) => {
    writeFileSync(file, text);
    const { settings, problem } = readSettings(file);
    expect(settings).toEqual({ window: null, theme: 'system', updates: 'off', told: [], desktop: DEFAULT_CHOICES });
    expect(problem).toContain(why);
    expect(problem).toContain('settings.broken.json');
    expect(readFileSync(join(dir, 'settings.broken.json'), 'utf8')).toBe(text);
    expect(existsSync(file)).toBe(false);
  });

  it('starts fresh and says why when it cannot be read', () => {
    const { settings, problem } = readSettings(dir);
    expect(settings.window).toBeNull();
    expect(problem).toContain(dir);
  });
});
