import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerBoxes, boxesOf } from '../helpers/boxes.ts';
import { onDesk } from '../helpers/desk.ts';
import { startTheApp, type TheApp } from '../helpers/electron-app.ts';

describe('the life of the app, on a real Electron', () => {
  let app: TheApp;
  let page: Page;
  beforeAll(async () => {
    app = await startTheApp();
    page = await app.live();
    await answerBoxes(app, 'Open');
  }, 120_000);
  afterAll(() => app?.remove());

  it('runs its page in Chromium’s sandbox, without spelling dictionaries, and throttled only while hidden', async () => {
    const prefs = await app.electron.evaluate(({ BrowserWindow }) =>
      (BrowserWindow.getAllWindows()[0]!.webContents as any).getLastWebPreferences(),
    );
    expect(prefs).toMatchObject({ sandbox: true });
    const sandboxed = await app.electron.evaluate(({ app: self }) =>
      self
        .getAppMetrics()
        .filter(({ type }) => type === 'Tab')
        .map(({ pid }) => pid),
    );
    expect(sandboxed).not.toEqual([]);
    // a seccomp filter stands between the page's process and the system
    for (const pid of sandboxed) expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m);
    expect(await app.electron.evaluate(({ session }) => session.defaultSession.isSpellCheckerEnabled())).toBe(false);
    const throttled = (): Promise<boolean> =>
      app.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.getBackgroundThrottling(),
      );
    expect(await throttled()).toBe(false);
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.hide());
    expect(await throttled()).toBe(true);
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.show());
    expect(await throttled()).toBe(false);
  });

  it('says on each lane how long this machine slept', async () => {
    await app.electron.evaluate(({ powerMonitor }) => {
      const now = Date.now;
      powerMonitor.emit('suspend');
      Date.now = () => now() + 42_000;
      powerMonitor.emit('resume');
      Date.now = now;
    });
    for (const lane of ['short-polling', 'long-polling', 'sse', 'websocket']) {
      await page.getByTestId(`lane-${lane}`).getByText('This machine slept 42 s').waitFor();
      await expect
        .poll(() => page.getByTestId(`lane-${lane}`).getByTestId('state').textContent())
        .toMatch(/open|held|resting|requesting/i);
    }
  });

  it('moves its window off a display that goes, and back when it returns', async () => {
    const moved = await app.electron.evaluate(({ BrowserWindow, screen }) => {
      const window = BrowserWindow.getAllWindows()[0]!;
      const real = screen.getAllDisplays.bind(screen);
      const [first] = real();
      const second = { ...first!, id: 77, workArea: { x: 1600, y: 0, width: 1200, height: 900 } };
      window.setBounds({ x: 1700, y: 50, width: 800, height: 600 });
      const away = window.getBounds();
      screen.getAllDisplays = () => [first!, second];
      screen.emit('display-added', {}, second);
      const stays = window.getBounds();
      screen.getAllDisplays = real;
      screen.emit('display-removed', {}, second);
      const home = window.getBounds();
      screen.getAllDisplays = () => [first!, second];
      screen.emit('display-added', {}, second);
      const back = window.getBounds();
      screen.getAllDisplays = real;
      screen.emit('display-removed', {}, second);
      window.setBounds({ x: 50, y: 50, width: 1300, height: 850 });
      return { away, stays, home, back };
    });
    expect(moved.stays).toEqual(moved.away);
    expect(moved.home.x + moved.home.width).toBeLessThanOrEqual(1600);
    expect(moved.back).toEqual(moved.away);
  });

  /** Starts the app again with something to open: the first one gets it. */
  const again = async (...args: string[]): Promise<void> => {
    const start = onDesk(app.desk, { args, env: { HEARTLINE_DATA_DIR: app.dir } });
    const child = spawn(start.command, start.args, { env: start.env, stdio: 'ignore' });
    expect((await once(child, 'exit'))[0]).toBe(0);
  };

  it('takes a link from a second start, asks first, and follows nothing of it', async () => {
    const target = await page.getByTestId('target').textContent();
    await again('heartline://endpoint?url=http%3A%2F%2F127.0.0.1%3A9%2Fevents&name=From%20a%20link');
    await expect.poll(() => page.getByTestId('target-base').inputValue()).toBe('http://127.0.0.1:9/events');
    expect(await page.getByTestId('target-name').inputValue()).toBe('From a link');
    expect(await page.getByTestId('target').textContent()).toBe(target);
    await page.keyboard.press('Escape');
    await again('heartline://run?command=id');
    await expect
      .poll(() => boxesOf(app))
      .toEqual([
        expect.objectContaining({ message: 'Put this endpoint into the form?', buttons: ['Cancel', 'Open'] }),
        expect.objectContaining({ message: 'This cannot be opened.', buttons: ['Close', 'Copy'] }),
      ]);
  });

  it('shows a recording from a file beside the live run, and goes back', async () => {
    const api = await page.getByTestId('lane-sse').getByTestId('cursor').textContent();
    expect(api).toMatch(/\d/);
    const recording = join(app.dir, 'run.heartline');
    writeFileSync(recording, recorded(await app.electron.evaluate(({ app: self }) => self.getVersion())));
    await again(recording);
    await page.getByTestId('shown-recording').getByText('run.heartline').waitFor();
    await page.getByTestId('lane-recorded').waitFor();
    await page.getByTestId('leave-recording').click();
    await page.getByTestId('lane-websocket').waitFor();
  });

  it('loads a page that crashed again, says so, and the lanes have gone on', async () => {
    await answerBoxes(app, 'Copy');
    await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
    );
    await expect
      .poll(() => boxesOf(app), { timeout: 60_000 })
      .toContainEqual(
        expect.objectContaining({
          message: expect.stringContaining('The page has ended unexpectedly'),
          buttons: ['Close', 'Copy'],
        }),
      );
    expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toContain('It was loaded again.');
    const lanes = (): Promise<string> =>
      app.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(
          `document.querySelector('[data-testid="lane-sse"] [data-testid="state"]')?.textContent ?? ''`,
        ),
      );
    await expect.poll(lanes, { timeout: 60_000 }).toMatch(/open/i);
  });

  it('goes on when a helper process is killed', async () => {
    const kill = await app.electron.evaluate(({ app }) =>
      app
        .getAppMetrics()
        .filter(({ type }) => type === 'Utility')
        .map(({ pid }) => pid),
    );
    for (const pid of kill) process.kill(pid, 'SIGKILL');
    expect(kill.length).toBeGreaterThan(0);
    const text = (): Promise<string> =>
      app.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript('document.body.innerText'),
      );
    await expect.poll(text, { timeout: 60_000 }).toMatch(/helper process .* has ended/);
  });
});

/** A recording of one lane that a live run does not have. */
function recorded(version: string): string {
  const base = 'http://127.0.0.1:9';
  const at = Date.now() - 60_000;
  const run = {
    ...{
      v: 1,
      n: 1,
      at,
      lane: null,
      type: 'run',
      version,
      node: 'v24.0.0',
      platform: 'linux x64',
      seed: 1,
      timeScale: 1,
    },
    target: { kind: 'embedded', name: 'Embedded server', dialect: 'heartline', dense: true, base },
    ...{ channel: 'demo', start: 'x.0', via: [], workload: null, heartbeatMs: null, pollMs: 2000, holdMs: 25_000 },
    lanes: [{ id: 'recorded', method: 'sse', url: `${base}/events/demo` }],
    backoff: 'full-jitter',
  };
  const state = {
    v: 1,
    n: 2,
    at: at + 5,
    lane: 'recorded',
    type: 'state',
    from: 'idle',
    to: 'connecting',
    reason: 'start',
  };
  return [run, state].map((record) => `${JSON.stringify(record)}\n`).join('');
}
