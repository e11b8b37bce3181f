import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { autostartFile, autostartPath } from '../../../src/main/manners/start-at-login.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'heartline-autostart-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('starting at login is a file of the desktop’s autostart folder, there only while it is chosen', () => {
  const file = autostartPath({ XDG_CONFIG_HOME: dir });
  expect(file).toBe(join(dir, 'autostart', 'heartline.desktop'));
  const login = autostartFile(file, ['/opt/Heart "line"/100%/heartline', '/app']);
  expect(login.on).toBe(false);
  login.set(true);
  expect(login.on).toBe(true);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^\[Desktop Entry\]\nType=Application\n/);
  expect(text).toContain(String.raw`Exec="/opt/Heart \\"line\\"/100%%/heartline" "/app"` + '\n');
  login.set(false);
  expect(existsSync(file)).toBe(false);
  login.set(false); // once more does no harm
});

it('one that the desktop has switched off reads as off', () => {
  const file = join(dir, 'heartline.desktop');
  writeFileSync(file, '[Desktop Entry]\nExec=heartline\nHidden=true\n');
  expect(autostartFile(file, ['heartline']).on).toBe(false);
});

it('a relative XDG_CONFIG_HOME is none', () => {
  expect(autostartPath({ XDG_CONFIG_HOME: 'somewhere' })).toMatch(/^\/.*\.config\/autostart\/heartline\.desktop$/);
});
