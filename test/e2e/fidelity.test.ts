import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { drivers, type Desktop } from './drivers.ts';

// What the double claims about Electron's IPC and contextBridge. Run with the real binary this says whether the claims hold.
const entry = 'test/double/fixture/main.mjs';

describe.each(drivers)('IPC and contextBridge ($name)', ({ launch, unavailable }) => {
  if (unavailable) return void it('runs', (ctx) => ctx.skip(unavailable));
  let app: Desktop;
  let page: Page;
  beforeAll(async () => {
    app = await launch({ entry });
    page = await app.firstWindow();
    await page.getByTestId('ok').waitFor();
  }, 60_000);
  afterAll(() => app?.close());
  const inPage = <R>(body: string): Promise<R> =>
    page.evaluate(`(async () => { const { api } = window; ${body} })()`) as Promise<R>;

  it('answers synchronously, copies and freezes', async () => {
    expect(await inPage('return [api.constant, api.nested.list[1].two, api.next(), api.next()]')).toEqual([
      42, 2, 2, 3,
    ]);
    expect(await inPage('return [Object.isFrozen(api), Object.isFrozen(api.nested), typeof window.hidden]')).toEqual([
      true,
      true,
      'undefined',
    ]);
    expect(await inPage('try { window.api = 1 } catch {} return api.constant')).toBe(42);
  });
  it('carries promises, callbacks and errors', async () => {
    expect(await inPage('return api.later(21)')).toBe(42);
    expect(await inPage('return api.map([1, 2, 3], (x) => x * 10)')).toEqual([10, 20, 30]);
    expect(await inPage('return api.refuse().catch((e) => e.message)')).toContain('refused');
    expect(await inPage('try { api.throws() } catch (e) { return e.message }')).toContain('thrown');
    expect(await inPage('return api.fail().catch((e) => e.message)')).toContain(
      "Error invoking remote method 'fail': Error: from main",
    );
    expect(await inPage('return api.sum(Float64Array.of(1, 2, 3.5))')).toBe(6.5);
  });
  it('clones what the structured clone algorithm clones, and refuses the rest', async () => {
    expect(
      await inPage(`
        const v = { d: new Date(5), m: new Map([[1, { a: undefined }]]), s: new Set([NaN, -0]), b: 10n, f: Float64Array.of(1.5, Infinity), u: new Uint8Array([1, 2]) };
        const w = await api.echo(v);
        return [w.d.getTime(), w.m.get(1), w.s.has(NaN), typeof w.b, w.f[1], w.f.constructor.name, w.u[1]];
      `),
    ).toEqual([5, { a: undefined }, true, 'bigint', Infinity, 'Float64Array', 2]);
    expect(
      await inPage('return api.echo(Symbol("x")).then(() => "carried", () => "refused")').catch(() => 'refused'),
    ).toBe('refused');
  });
  it('pushes from main, and lends a port both ways', async () => {
    await inPage('window.got = []; api.onTick((n) => window.got.push(n))');
    await app.evaluate(() => void [1, 2, 3].forEach((n) => (globalThis as any).w.webContents.send('tick', n)));
    await expect.poll(() => inPage('return window.got')).toEqual([1, 2, 3]);
    expect(
      await inPage(`
        const port = await new Promise((r) => { addEventListener('message', (e) => e.data === 'port' && r(e.ports[0])); api.port(); });
        const got = [];
        const done = new Promise((r) => (port.onmessage = (e) => { got.push(e.data); if (got.length === 2) r(); }));
        port.postMessage({ f: Float64Array.of(1, 2) });
        await done;
        port.close();
        return [got[0], got[1].f.constructor.name, got[1].f[1]];
      `),
    ).toEqual(['queued before start', 'Float64Array', 2]);
    await expect.poll(() => app.evaluate(() => (globalThis as any).portClosed)).toBe(true);
    const seen = inPage(`
      const port = await new Promise((r) => { addEventListener('message', (e) => e.data === 'port' && r(e.ports[0]), { once: true }); api.port(); });
      port.start();
      return new Promise((r) => port.addEventListener('close', () => r('close event')));
    `);
    await expect.poll(() => app.evaluate(() => (globalThis as any).lastPort !== undefined)).toBe(true);
    await new Promise((r) => setTimeout(r, 200));
    await app.evaluate(() => (globalThis as any).lastPort.close());
    expect(await seen).toBe('close event');
  });
});
