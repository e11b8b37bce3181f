/** The doors through a browser's own EventSource, fetch and WebSocket: from the server's origin and from another. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, until } from '../engine/server/rig.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const there = existsSync(CHROMIUM);
if (!there) console.log(`skipped: no Chromium at ${CHROMIUM} (apt-get install chromium)`);

/** What runs in the page. Each answers with what the page saw. */
const inPage = {
  eventSource: async ({ url, events }: { url: string; events: number }) => {
    const seen: { id: string; type: string; data: string }[] = [];
    const source = new EventSource(url);
    return new Promise<{ seen: typeof seen; state: number; hello: any }>((resolve) => {
      let hello: any = null;
      const done = () => resolve({ seen, state: source.readyState, hello });
      source.addEventListener('hello', (e) => (hello = { id: e.lastEventId, ...JSON.parse(e.data) }));
      for (const type of ['n', 'gap', 'end', 'bye']) {
        source.addEventListener(type, (e) => {
          seen.push({ id: e.lastEventId, type, data: e.data });
          if (seen.length === events) {
            done();
            source.close();
          }
        });
      }
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) done();
      };
    });
  },
  fetch: async ({ url, headers, method, body }: { url: string; headers?: any; method?: string; body?: string }) => {
    try {
      const res = await fetch(url, { cache: 'no-store', ...(headers && { headers }), ...(method && { method, body }) });
      const text = await res.text();
      const seen = ['etag', 'events-cursor', 'events-floor', 'events-newest'].map((name) => res.headers.get(name));
      return { status: res.status, text, seen, error: null };
    } catch (error) {
      return { status: 0, text: '', seen: [], error: String(error) };
    }
  },
  webSocket: async ({ url, events }: { url: string; events: number }) => {
    const ws = new WebSocket(url, 'events.v1');
    const seen: any[] = [];
    return new Promise<{ seen: any[]; code: number | null; reason: string }>((resolve) => {
      ws.onmessage = (e) => {
        const message = JSON.parse(e.data);
        if (message.t !== 'ev') return;
        seen.push(message);
        if (seen.length === events) resolve({ seen, code: null, reason: '' });
      };
      ws.onclose = (e) => resolve({ seen, code: e.code, reason: e.reason });
    });
  },
};

describe.skipIf(!there)("a browser's own clients", () => {
  const profile = mkdtempSync(join(tmpdir(), 'heartline-chromium-'));
  let context: BrowserContext;
  const foreign = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html');
    res.end('<!doctype html><title>elsewhere</title>');
  });
  let elsewhere: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    elsewhere = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
    context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(async () => {
    await context?.close();
    foreign.close();
    rmSync(profile, { recursive: true, force: true });
  });

  async function pageAt(origin: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(origin);
    return page;
  }

  describe.each([
    ['its own origin', 'off'],
    ['another origin, let in by name', 'named'],
    ['another origin, let in with all', '*'],
  ])('from %s', (_where, kind) => {
    const open = async (settings: Parameters<typeof startServer>[0] = {}) => {
      const cors = kind === 'named' ? elsewhere : kind;
      const rig = await startServer({ retryMs: 50, ...settings, settings: { ...settings.settings, cors } });
      const page = await pageAt(kind === 'off' ? `${rig.url}/healthz` : elsewhere);
      return { rig, page };
    };

    it('EventSource: greeted, given events, comes back from its cursor after a restart, and is told of a gap', async () => {
      const { rig, page } = await open({ retention: { count: 4 } });
      rig.fill(2);
      const got = page.evaluate(inPage.eventSource, { url: `${rig.url}/events/a`, events: 6 });
      await until(() => rig.server.counters('a').streams === 1, 'the stream');
      rig.fill(1);
      await rig.server.restart();
      rig.fill(1);
      await until(() => rig.server.counters('a').streams === 1, 'the stream again');
      void rig.server.loseLog();
      rig.fill(1);
      void rig.server.end('a');
      const { seen, hello } = await got;
      const lastId = seen[0]!.id;
      expect(hello).toMatchObject({ v: 1, heartbeatMs: 15_000 });
      expect(seen.map((e) => e.type)).toEqual(['n', 'bye', 'n', 'gap', 'n', 'end']);
      expect(seen.filter((e) => e.type === 'n').map((e) => e.data)).toEqual(['3', '4', '5']);
      expect(seen[1]!.id).toBe(lastId); // what the server says of itself moves no cursor
      expect(seen[3]!.id).toBe(rig.cursor(0));
    });

    it('EventSource: stops for good once the channel has ended', async () => {
      const { rig, page } = await open();
      rig.fill(1);
      void rig.server.end('a');
      const { seen, state } = await page.evaluate(inPage.eventSource, {
        url: `${rig.url}/events/a?after=earliest`,
        events: 99,
      });
      expect(seen.map((e) => e.type)).toEqual(['n', 'end']);
      expect(state).toBe(2);
    });

    it('fetch: polls with tag and hold, publishes once, reads the headers it needs', async () => {
      const { rig, page } = await open();
      const url = `${rig.url}/events/a`;
      const publish = () =>
        page.evaluate(inPage.fetch, {
          url,
          method: 'POST',
          body: 'hello',
          headers: { 'Event-Type': 'n', 'Idempotency-Key': 'k' },
        });
      expect((await publish()).status).toBe(201);
      expect((await publish()).status).toBe(200);
      const first = await page.evaluate(inPage.fetch, { url });
      expect(first).toMatchObject({ status: 200, error: null });
      expect(first.seen).toEqual([`W/"${rig.cursor(1)}"`, rig.cursor(1), rig.cursor(0), rig.cursor(1)]);
      const same = await page.evaluate(inPage.fetch, { url, headers: { 'If-None-Match': first.seen[0] } });
      expect(same.status).toBe(304);
      const held = page.evaluate(inPage.fetch, { url: `${url}?after=now`, headers: { Prefer: 'wait=10' } });
      await until(() => rig.server.counters('a').held === 1, 'the poll to be held');
      rig.fill(1);
      expect(JSON.parse((await held).text).events).toHaveLength(1);
      const gone = await page.evaluate(inPage.fetch, { url: `${url}?after=zzzz.1` });
      expect(gone.status).toBe(410);
      expect(JSON.parse(gone.text).resume).toBe(rig.cursor(0));
    });

    it('WebSocket: given events, and closed with 1012 and a time to come back at', async () => {
      const { rig, page } = await open();
      rig.fill(1);
      const url = `${rig.url.replace('http', 'ws')}/events/a?after=earliest`;
      const some = page.evaluate(inPage.webSocket, { url, events: 2 });
      await until(() => rig.server.counters('a').sockets === 1);
      rig.fill(1);
      expect((await some).seen.map((m) => m.data)).toEqual(['1', '2']);
      const all = page.evaluate(inPage.webSocket, { url, events: 99 });
      await until(() => rig.server.counters('a').sockets === 2);
      await rig.server.restart();
      const { code, reason } = await all;
      expect(code).toBe(1012);
      expect(JSON.parse(reason).retryMs).toBeGreaterThan(0);
    });
  });

  it('are kept out from another origin when CORS is off', async () => {
    const rig = await startServer({ settings: { cors: 'off' } });
    rig.fill(1);
    const page = await pageAt(elsewhere);
    const url = `${rig.url}/events/a`;
    const read = await page.evaluate(inPage.fetch, { url });
    expect(read.error).toContain('Failed to fetch');
    await page.evaluate(inPage.fetch, { url, method: 'POST', body: 'x' }); // a simple request: no preflight stops it
    expect(rig.log.channel('a').bounds().newest).toBe(1);
    const source = await page.evaluate(inPage.eventSource, { url, events: 1 });
    expect(source).toMatchObject({ seen: [], state: 2 });
    const ws = await page.evaluate(inPage.webSocket, { url: url.replace('http', 'ws'), events: 1 });
    expect(ws).toMatchObject({ seen: [], code: 1006 });
  });
});
