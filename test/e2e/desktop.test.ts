import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drivers, type Desktop } from './drivers.ts';

// One spec, two drivers: the real Electron (`npm run desktop`), and the double of its module (the real main, the real preload,
// a real Chromium) anywhere. What the double passes is said of the double, not of Electron.
describe.each(drivers)('the desktop app ($name)', ({ name, launch, runToEnd, unavailable }) => {
  if (unavailable) return void it('runs', (ctx) => ctx.skip(unavailable));

  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'heartline-desktop-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const env = (): Record<string, string> => ({ HEARTLINE_DATA_DIR: dir });
  const live = async (app: Desktop): Promise<Page> => {
    const page = await app.firstWindow();
    await page.getByTestId('lane-sse').getByTestId('state').filter({ hasText: /open/i }).waitFor({ timeout: 60_000 });
    return page;
  };
  /** What can be seen from within the double only. */
  const onDouble = name === 'double' ? it : (): void => {};
  const url = (app: Desktop): Promise<string> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.getURL());

  describe('its page', () => {
    let home: string;
    let app: Desktop;
    let page: Page;
    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'heartline-desktop-'));
      app = await launch({ env: { HEARTLINE_DATA_DIR: home } });
      page = await live(app);
    });
    afterAll(async () => {
      await app?.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    });

    it('comes over the app scheme, and follows the engine over a MessagePort', async () => {
      expect(await url(app)).toBe('app://bundle/index.html');
      // there is no /rpc under that scheme: what moves here came through the port
      for (const lane of ['lane-short-polling', 'lane-long-polling', 'lane-sse', 'lane-websocket']) {
        await expect.poll(() => page.getByTestId(lane).getByTestId('cursor').textContent()).toMatch(/\d/);
      }
    });

    it('is given one function and nothing of Node or Electron', async () => {
      expect(await page.evaluate(() => Object.keys((window as any).desktop))).toEqual(['connect']);
      expect(await page.evaluate(() => Object.isFrozen((window as any).desktop))).toBe(true);
      const leaks = ['require', 'process', 'module', 'ipcRenderer', 'electron', '__double', '__fromMain'];
      expect(await page.evaluate((names) => names.filter((key) => key in window), leaks)).toEqual([]);
    });

    it('runs with the safe web preferences', async () => {
      const prefs =
        name === 'double'
          ? await app.evaluate(({ __double }) => [...__double.windows][0]._options.webPreferences)
          : await app.evaluate(({ BrowserWindow }) =>
              BrowserWindow.getAllWindows()[0].webContents.getLastWebPreferences(),
            );
      expect(prefs).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true });
    });

    it('cannot run a script or a style that is not its own', async () => {
      const violated = await page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const seen: string[] = [];
            addEventListener('securitypolicyviolation', (e) => {
              seen.push(e.effectiveDirective);
              if (seen.length === 2) resolve(seen.sort());
            });
            const script = document.createElement('script');
            script.textContent = 'window.inlineRan = true';
            const style = document.createElement('style');
            style.textContent = 'body { color: red }';
            document.head.append(script, style);
          }),
      );
      expect(violated).toEqual(['script-src-elem', 'style-src-elem']);
      expect(await page.evaluate(() => (window as any).inlineRan)).toBeUndefined();
    });

    describe('and the network', () => {
      let elsewhere: Server;
      beforeAll(async () => {
        elsewhere = createServer((_, res) => res.setHeader('access-control-allow-origin', '*').end('reached'));
        await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      });
      afterAll(() => elsewhere.close());
      const reach = (address: string, violationMs: number): Promise<string> =>
        page.evaluate(
          ({ to, wait }) =>
            new Promise<string>((resolve) => {
              addEventListener('securitypolicyviolation', (e) => resolve(e.effectiveDirective), { once: true });
              fetch(to).then(
                () => resolve('reached'),
                () => setTimeout(() => resolve('failed'), wait), // the violation is told after the failure
              );
            }),
          { to: address, wait: violationMs },
        );

      it('may be the embedded event server, and no other port', async () => {
        const { port } = elsewhere.address() as AddressInfo;
        expect(await reach(`http://127.0.0.1:${port}/`, 20_000)).toBe('connect-src');
        const policy = (await page.evaluate(async () =>
          (await fetch('/index.html')).headers.get('content-security-policy'),
        ))!;
        const named = [...policy.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map((m) => m[1]!);
        expect(new Set(named).size).toBe(1);
        expect(named[0]).not.toBe(String(port));
        expect(await reach(`http://127.0.0.1:${named[0]}/healthz`, 500)).not.toBe('connect-src');
      });
    });

    it('is served nothing outside its own files', async () => {
      const status = (path: string): Promise<number> => page.evaluate(async (p) => (await fetch(p)).status, path);
      expect(await status('/nothing.js')).toBe(404);
      expect(await status('/..%2f..%2fpackage.json')).toBe(404);
      expect(await status('/%2e%2e/main/index.js')).toBe(404);
    });

    it('goes nowhere else, and opens no window', async () => {
      await page.evaluate(() => void (location.href = 'https://example.invalid/'));
      // the system's browser is not started for a test
      await app.evaluate(({ shell }) => {
        (globalThis as any).opened = [];
        shell.openExternal = async (to: string) => void (globalThis as any).opened.push(to);
      });
      await page.evaluate(() => void window.open('https://example.invalid/help'));
      await expect.poll(() => app.evaluate(() => (globalThis as any).opened)).toEqual(['https://example.invalid/help']);
      // after a turn of both processes
      await page.evaluate(() => new Promise((r) => setTimeout(r, 300)));
      expect(await url(app)).toBe('app://bundle/index.html');
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    });

    it('is refused every permission but copying', async () => {
      expect(
        await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state),
      ).not.toBe('granted');
      if (name !== 'double') return;
      const answers = await app.evaluate(({ __double: { permission } }) => {
        const ask = (what: string, from: string): boolean[] => {
          let granted: boolean | undefined;
          permission.request({ getURL: () => from }, what, (yes: boolean) => (granted = yes));
          return [granted!, permission.check(null, what, from)];
        };
        return {
          media: ask('media', 'app://bundle/index.html'),
          notifications: ask('notifications', 'app://bundle/index.html'),
          read: ask('clipboard-read', 'app://bundle/index.html'),
          copy: ask('clipboard-sanitized-write', 'app://bundle/index.html'),
          copyFromElsewhere: ask('clipboard-sanitized-write', 'https://example.invalid/'),
          usb: permission.device(),
        };
      });
      expect(answers).toEqual({
        media: [false, false],
        notifications: [false, false],
        read: [false, false],
        copy: [true, true],
        copyFromElsewhere: [false, false],
        usb: false,
      });
    });

    onDouble('is the only one whose call for a port is answered', async () => {
      const answered = await app.evaluate(async ({ ipcMain, BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0].webContents;
        const ask = async (sender: object, senderFrame: any, withinMs = 50): Promise<boolean> => {
          let ports = 0;
          if (senderFrame) senderFrame.postMessage = () => void ports++;
          ipcMain.emit('heartline:connect', { sender, senderFrame });
          const end = performance.now() + withinMs;
          do await new Promise((resolve) => setTimeout(resolve, 10));
          while (ports === 0 && performance.now() < end);
          return ports > 0;
        };
        const ours = contents.mainFrame;
        const { postMessage } = ours;
        const nobody = await ask(contents, null);
        const frameInside = await ask(contents, { url: 'app://bundle/index.html' });
        const otherWindow = await ask({ mainFrame: ours, isDestroyed: () => false }, ours);
        const home = Object.getOwnPropertyDescriptor(ours, 'url')!;
        Object.defineProperty(ours, 'url', { value: 'app://bundle.evil/index.html', configurable: true });
        const otherAddress = await ask(contents, ours);
        Object.defineProperty(ours, 'url', home);
        const page = await ask(contents, ours, 20_000);
        ours.postMessage = postMessage;
        return { nobody, frameInside, otherWindow, otherAddress, page };
      });
      expect(answered).toEqual({
        nobody: false,
        frameInside: false,
        otherWindow: false,
        otherAddress: false,
        page: true,
      });
    });

    it('goes on after a reload', async () => {
      await page.reload();
      await live(app);
    });
  });

  it('notes suspend and resume, and ends its recording whole when the last window is closed', async () => {
    const file = join(dir, 'run.heartline');
    const app = await launch({ env: env(), args: ['--record', file] });
    await live(app);
    await app.evaluate(({ powerMonitor }) => void powerMonitor.emit('suspend'));
    await app.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'));
    await app.evaluate(({ BrowserWindow }) => void setTimeout(() => BrowserWindow.getAllWindows()[0].close(), 50));
    expect(await app.exitCode()).toBe(0);
    await app.close();
    const text = readFileSync(file, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records[0]).toMatchObject({ type: 'run', version: '0.1.0' });
    expect(records.at(-1)).toMatchObject({ type: 'summary' });
    const slept = records.filter((r) => r.type === 'sleep' && r.what === 'host').map((r) => r.phase);
    expect(slept).toEqual(['begin', 'end']);
  });

  it('opens where it was closed, in the theme that was chosen', async () => {
    let app = await launch({ env: env() });
    await live(app);
    const first = await app.evaluate(({ BrowserWindow, Menu }) => {
      const window = BrowserWindow.getAllWindows()[0];
      window.setBounds({ x: 37, y: 41, width: 911, height: 607 });
      const view = Menu.getApplicationMenu().items.find((item: any) => item.label === 'View');
      const items = view.submenu.items ?? view.submenu;
      const theme = items.find((item: any) => item.label === 'Theme');
      const light = (theme.submenu.items ?? theme.submenu).find((item: any) => item.label === 'Light');
      light.click();
      return window.getBounds();
    });
    await app.close();
    app = await launch({ env: env() });
    await live(app);
    const again = await app.evaluate(({ BrowserWindow, nativeTheme }) => ({
      bounds: BrowserWindow.getAllWindows()[0].getBounds(),
      theme: nativeTheme.themeSource,
      shown: BrowserWindow.getAllWindows()[0].isVisible(),
    }));
    await app.close();
    expect(again).toEqual({ bounds: first, theme: 'light', shown: true });
  });

  it('comes back onto a display that is there', async () => {
    writeFileSync(
      join(dir, 'settings.json'),
      JSON.stringify({ window: { x: 90_000, y: -90_000, width: 900, height: 600, maximized: false }, theme: 'dark' }),
    );
    const app = await launch({ env: env() });
    await live(app);
    const { bounds, areas } = await app.evaluate(({ BrowserWindow, screen }) => ({
      bounds: BrowserWindow.getAllWindows()[0].getBounds(),
      areas: screen.getAllDisplays().map((d: any) => d.workArea),
    }));
    await app.close();
    const inside = areas.some(
      (a: any) =>
        bounds.x >= a.x &&
        bounds.y >= a.y &&
        bounds.x + bounds.width <= a.x + a.width &&
        bounds.y + bounds.height <= a.y + a.height,
    );
    expect(inside, JSON.stringify({ bounds, areas })).toBe(true);
  });

  onDouble('shows no window before it has something to show, and none in the wrong colour', async () => {
    writeFileSync(join(dir, 'settings.json'), JSON.stringify({ theme: 'light' }));
    const app = await launch({ env: env() });
    await live(app);
    const { show, backgroundColor } = await app.evaluate(({ __double }) => [...__double.windows][0]._options);
    await app.close();
    expect({ show, backgroundColor }).toEqual({ show: false, backgroundColor: '#f1f2f5' });
  });

  it('survives a settings file it does not understand, and keeps it', async () => {
    writeFileSync(join(dir, 'settings.json'), '{"window": [');
    const app = await launch({ env: env() });
    await live(app);
    if (name === 'double') {
      const shown = (): Promise<unknown> =>
        app.evaluate(({ __double }) =>
          __double.calls.filter((c: any) => c.api === 'dialog.showMessageBox').map((c: any) => c.args[0].detail),
        );
      await expect.poll(shown).toContainEqual(expect.stringContaining('settings.broken.json'));
    }
    await app.close();
    expect(readFileSync(join(dir, 'settings.broken.json'), 'utf8')).toBe('{"window": [');
    expect(readdirSync(dir).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('is one: a second start brings the first window forward and ends', async () => {
    const app = await launch({ env: env() });
    await live(app);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].minimize());
    expect(await runToEnd({ env: env() })).toBe(0);
    await expect
      .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].isMinimized()))
      .toBe(false);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    await app.close();
  });

  onDouble('leaves nothing running and no lock behind', async () => {
    const app = await launch({ env: env() });
    await live(app);
    await app.close();
    expect(await app.exitCode()).toBe(0);
    expect(existsSync(join(dir, 'double-instance.lock'))).toBe(false);
  });
});
