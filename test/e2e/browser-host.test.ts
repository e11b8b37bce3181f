/** The built page in a real browser, over the real host: what its policy lets through, and what it does when we end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { writeRedirect } from '../../src/cli/host/open-browser.ts';
import { METHODS } from '../../src/shared/catalog.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM)
  ? `no Chromium at ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)`
  : !existsSync(join(ROOT, 'out/renderer/index.html'))
    ? 'the page is not built (npm run build)'
    : null;

describe.skipIf(missing)(`the page in a browser${missing ? `: skipped, ${missing}` : ''}`, () => {
  let dir: string;
  let host: ChildProcess;
  let out = '';
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  const requested = new Set<string>();
  const address = (): string => /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(out)![0];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'heartline-open-'));
    host = spawn(process.execPath, ['src/cli/index.ts', 'open', '--no-open'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, HEARTLINE_DATA_DIR: dir },
    });
    host.stdout!.setEncoding('utf8').on('data', (d: string) => (out += d));
    await vi.waitFor(() => expect(out).toContain('event server'), { timeout: 60_000 });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      timeout: 90_000,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
    context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    page = await context.newPage();
    page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
    page.on('pageerror', (e) => complaints.push(e.message));
    page.on('request', (r) => requested.add(new URL(r.url()).origin));
    await page.goto(address());
  });
  afterAll(async () => {
    await browser?.close();
    if (host?.exitCode === null) {
      host.kill('SIGKILL');
      await once(host, 'exit');
    }
    rmSync(dir, { recursive: true, force: true });
  });

  it('four lanes move, the token has left the address bar, nothing came from elsewhere and nothing was refused', async () => {
    for (const method of METHODS) await page.getByTestId(`lane-${method}`).waitFor();
    const events = () => page.getByTestId('lane-sse').getByTestId('cursor').textContent();
    const before = await events();
    await vi.waitFor(async () => expect(await events()).not.toBe(before), { timeout: 30_000, interval: 100 });
    expect(page.url()).not.toContain('token');
    expect([...requested].filter((origin) => origin !== new URL(page.url()).origin)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('the policy lets the page reach the event server by all its doors, and nobody else', async () => {
    const events = /event server is at (\S+)/.exec(out)![1]!;
    const other = createServer((_, res) => res.setHeader('access-control-allow-origin', '*').end('x')).listen(0);
    await once(other, 'listening');
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const tries = await page.evaluate(
      async ({ events, elsewhere }) => {
        const reach = (url: string) => fetch(url).then((r) => r.status, () => 'refused'); // prettier-ignore
        const source = new EventSource(`${events}/events/demo`);
        const stream = await new Promise((r) => {
          source.onopen = () => r('open');
          source.onerror = () => r('refused');
        });
        source.close();
        const socket = new WebSocket(`${events.replace('http', 'ws')}/events/demo`);
        const ws = await new Promise((r) => {
          socket.onopen = () => r('open');
          socket.onerror = () => r('refused');
        });
        socket.close();
        return { poll: await reach(`${events}/events/demo`), stream, ws, other: await reach(elsewhere) };
      },
      { events, elsewhere },
    );
    other.close();
    expect(tries).toEqual({ poll: 200, stream: 'open', ws: 'open', other: 'refused' });
  });

  it('a page of another origin, in the same browser with the same cookies, cannot get in', async () => {
    const evil = createServer((_, res) => res.setHeader('content-type', 'text/html').end('<p>evil')).listen(
      0,
      '127.0.0.1',
    );
    await once(evil, 'listening');
    const stranger = await context.newPage();
    await stranger.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    const target = new URL(page.url()).origin;
    const got = await stranger.evaluate(async (origin) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`);
      const rpc = await new Promise((r) => {
        socket.onopen = () => r('open');
        socket.onerror = () => r('refused');
      });
      const body = await fetch(origin, { credentials: 'include' }).then((r) => r.text(), () => 'refused'); // prettier-ignore
      return { rpc, body };
    }, target);
    await stranger.close();
    evil.close();
    expect(got).toEqual({ rpc: 'refused', body: 'refused' });
  });

  it('a server beside it that this browser visits is sent the cookie, and can do nothing with it', async () => {
    let stolen = '';
    const neighbour = createServer((req, res) => {
      stolen ||= req.headers.cookie ?? '';
      res.setHeader('content-type', 'text/html').end('<p>somebody else’s');
    }).listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${(neighbour.address() as AddressInfo).port}/`);
    await other.close();
    neighbour.close();
    expect(stolen).toContain('heartline_');
    const { origin } = new URL(page.url());
    const body = await fetch(origin, { headers: { cookie: stolen } }).then((answer) => answer.text());
    expect(body).not.toContain('heartline-key');
    const thief = new NodeWebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers: { origin, cookie: stolen } });
    thief.on('error', () => undefined);
    const [, answer] = (await once(thief, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(answer.statusCode).toBe(403);
    thief.terminate();
  });

  it('another tab of the same browser needs only the address', async () => {
    const tab = await context.newPage();
    await tab.goto(new URL(page.url()).origin);
    await tab.getByTestId('lane-sse').waitFor();
    await tab.close();
  });

  it('a reload goes on, a second browser needs the new address', async () => {
    await page.reload();
    await page.getByTestId('lane-sse').waitFor();
    const second = await browser.newContext();
    const other = await second.newPage();
    const used = await other.goto(address());
    expect(used?.status()).toBe(403);
    const newest = (): string => [...out.matchAll(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\s/g)].at(-1)![0].trim();
    await vi.waitFor(() => expect(newest()).not.toBe(address()), { timeout: 30_000 });
    const nextAddress = newest();
    await other.goto(nextAddress);
    await other.getByTestId('lane-sse').waitFor();
    await vi.waitFor(() => expect(newest()).not.toBe(nextAddress), { timeout: 30_000 });
    await second.close();
    // and as a person's browser is opened: by a file that leads there, so that no list of processes shows the token
    const folder = mkdtempSync(join(tmpdir(), 'heartline-redirect-'));
    const third = await browser.newContext();
    const opened = await third.newPage();
    await opened.goto(pathToFileURL(writeRedirect(newest(), [folder])!).href);
    await opened.getByTestId('lane-sse').waitFor();
    expect(opened.url()).not.toContain('token');
    await third.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('when the host ends, it ends politely and the page says that the engine is gone', async () => {
    host.kill('SIGINT');
    const [code] = (await once(host, 'exit')) as [number];
    expect(code).toBe(0);
    await page.getByText(/engine/i).first().waitFor(); // prettier-ignore
  });
});
