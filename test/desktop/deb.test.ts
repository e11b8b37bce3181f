import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDeb } from '../../scripts/package/deb.mjs';
import { readFuses, wantedFuses } from '../../scripts/package/fuses.mjs';
import { deskHere } from '../helpers/desk.ts';
import { launcherOf } from '../rigs/electron/desk.mjs';

const MB = 1e6;
const OWN_PART_AT_MOST = 3 * MB;

/** Waits for another's lock; syncs no file to the disk, which a loaded one takes minutes for. */
const APT = ['-o', 'DPkg::Lock::Timeout=60', '-o', 'Dpkg::Options::=--force-unsafe-io'];

/** Why this machine cannot show it, or null. A Heartline that somebody uses here is left alone. */
function cannotInstall(): string | null {
  if (process.getuid?.() !== 0) return 'apt installs as root only';
  for (const tool of ['dpkg-deb', 'apt-get']) if (spawnSync(tool, ['--version']).error) return `${tool} is not here`;
  const there = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', 'heartline'], { encoding: 'utf8' });
  return there.stdout.startsWith('installed') ? 'Heartline is installed on this machine already' : null;
}

// The whole life of the package on this very machine: made, installed by apt, started from /usr/bin as a user, removed.
describe('the Debian package', () => {
  const desk = deskHere()!;
  const reason = cannotInstall();
  if (reason) return void it('is installed and removed', (ctx) => ctx.skip(reason));

  let folder: string;
  let deb: string;
  let files: string[] = [];
  const apt = (...args: string[]): void => {
    const done = spawnSync('apt-get', ['-qq', ...APT, ...args], {
      encoding: 'utf8',
      // the last: update-mime-database syncs each of some hundred files otherwise
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', PKGSYSTEM_ENABLE_FSYNC: '0' },
    });
    expect(done.status, `${done.stdout}${done.stderr}`).toBe(0);
  };
  const purge = (): void => apt('purge', '-y', 'heartline');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heartline-deb-'));
    const made = await makeDeb({
      ...{ root: process.cwd(), electron: dirname(desk.binary), out: folder, quick: true },
      maintainer: 'Nobody <nobody@example.invalid>',
    });
    deb = made.file;
    const own = made.own.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
    rmSync(join(folder, '.deb'), { recursive: true });
    console.log(
      `the package has ${(statSync(deb).size / MB).toFixed(0)} MB (lightly compressed), ${(own / MB).toFixed(2)} MB of it the app's own`,
    );
    expect(own).toBeLessThan(OWN_PART_AT_MOST);
    apt('install', '-y', deb);
    files = spawnSync('dpkg', ['-L', 'heartline'], { encoding: 'utf8' }).stdout.trim().split('\n');
  }, 180_000);
  afterAll(() => {
    if (existsSync('/usr/lib/heartline')) purge(); // a test before the last has failed
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  it('puts everything where a desktop looks for it', () => {
    expect(readlinkSync('/usr/bin/heartline')).toBe('../lib/heartline/heartline');
    const { mode, uid, gid } = statSync('/usr/lib/heartline/chrome-sandbox');
    expect([(mode & 0o7777).toString(8), uid, gid]).toEqual(['4755', 0, 0]);
    for (const file of files) expect([file, lstatSync(file).uid]).toEqual([file, 0]);
    const read = (file: string): string => readFileSync(file, 'utf8');
    // What desktops read: made by the triggers of other packages, out of what ours brought.
    expect(read('/usr/share/mime/globs2')).toContain('application/x-heartline:*.heartline\n');
    expect(read('/usr/share/mime/globs2')).toContain('application/x-heartline-gzip:*.heartline.gz\n');
    const opens = read('/usr/share/applications/mimeinfo.cache');
    for (const kind of ['application/x-heartline', 'application/x-heartline-gzip', 'x-scheme-handler/heartline']) {
      expect(opens).toContain(`${kind}=heartline.desktop;`);
    }
    const valid = spawnSync('desktop-file-validate', ['/usr/share/applications/heartline.desktop'], {
      encoding: 'utf8',
    });
    expect(`${valid.stdout}${valid.stderr}`).toBe('');
    expect(files).toEqual(expect.arrayContaining(['/usr/share/icons/hicolor/256x256/apps/heartline.png']));
    expect(files.filter((file) => /cli\.js|node_modules/.test(file))).toEqual([]);
  });

  it('has every library it needs, by its own dependencies', () => {
    const { stdout } = spawnSync('ldd', ['/usr/lib/heartline/heartline'], { encoding: 'utf8' });
    expect(stdout.split('\n').filter((line) => line.includes('not found'))).toEqual([]);
  });

  it('has the fuses that were asked for', async () => {
    expect(await readFuses('/usr/lib/heartline/heartline')).toEqual(wantedFuses('.'));
  });

  // With what would make it a Node for anybody's code, or open it to an inspector, were its fuses others.
  it('starts from /usr/bin as a user, in its sandbox, is no Node, and follows all four methods', async () => {
    const launcher = launcherOf(desk.user, '/usr/bin/heartline', join(folder, 'launch'));
    const app: ChildProcess = spawn(launcher, ['--remote-debugging-port=0', '--inspect=0'], {
      env: { ...process.env, ...desk.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--require /nonexistent' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(app, 'exit');
    try {
      let address = '';
      const complaints: string[] = [];
      for await (const line of createInterface({ input: app.stderr! })) {
        address = /DevTools listening on (\S+)/.exec(line)?.[1] ?? '';
        if (address) break;
        complaints.push(line);
      }
      app.stderr!.resume();
      expect(complaints.filter((line) => /Debugger listening|nonexistent/.test(line))).toEqual([]);
      const exe = readlinkSync(`/proc/${app.pid}/exe`);
      expect(exe).toBe('/usr/lib/heartline/heartline');
      expect(statSync(`/proc/${app.pid}`).uid).toBe(desk.user!.uid);
      expect(readFileSync(`/proc/${app.pid}/cmdline`, 'utf8')).not.toContain('no-sandbox');
      const browser = await chromium.connectOverCDP(address);
      const page = () => browser.contexts().flatMap((context) => context.pages())[0];
      await expect.poll(() => page()?.url()).toBe('app://bundle/index.html');
      for (const method of ['short-polling', 'long-polling', 'sse', 'websocket']) {
        await page()!
          .getByTestId(`lane-${method}`)
          .getByTestId('cursor')
          .filter({ hasText: /\d/ })
          .waitFor({ timeout: 60_000 });
      }
      app.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      app.kill('SIGKILL');
    }
  }, 150_000);

  it('is removed without a trace', () => {
    expect(files.length).toBeGreaterThan(80);
    purge();
    expect(files.filter((file) => /heartline/.test(file) && existsSync(file))).toEqual([]);
    for (const cache of ['/usr/share/mime/globs2', '/usr/share/applications/mimeinfo.cache']) {
      expect(existsSync(cache) ? readFileSync(cache, 'utf8') : '').not.toContain('heartline');
    }
    const left = spawnSync('dpkg-query', ['-W', 'heartline'], { encoding: 'utf8' });
    expect(left.status).not.toBe(0);
  }, 180_000);
});
