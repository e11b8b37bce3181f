import { afterEach, describe, expect, inject, test } from 'vitest';
import { rigDialect } from '../helpers/rig-dialect.ts';
import { watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

const { betterSse, missing } = inject('rigs');
let watched: WatchedLab | null = null;

afterEach(async () => {
  await watched?.close();
  watched = null;
});

async function follow(name: string, path = 'sse'): Promise<WatchedLab> {
  const channel = `${name}${process.pid}`;
  const base = betterSse!.url;
  const target = {
    kind: 'remote',
    name: 'better-sse',
    base,
    urls: {},
    channel,
    headers: {},
    dialect: 'better-sse-rig',
  } as const;
  const lanes = [{ method: 'sse', url: `${base}/${path}/${channel}` } as const];
  watched = await watchedLab({ target, lanes, seed: 13 }, { dialect: rigDialect('better-sse') });
  await watched.until('open', () => watched!.lane('sse').state === 'open');
  return watched;
}

describe.skipIf(!betterSse)(`better-sse${missing.betterSse ? ` (skipped: ${missing.betterSse})` : ''}`, () => {
  test('a lane follows, is cut, and goes on from its Last-Event-ID', async () => {
    const w = await follow('resume');
    for (let i = 1; i <= 12; i++) {
      if (i === 5 || i === 9) await w.lab.cutAll({ end: 'rst' });
      await w.lab.publish({ type: 'tick', data: `{"n":${i}}\nsecond line` });
    }
    await w.until('12 events', () => w.summary('sse').unique === 12);
    expect(w.noted('event', 'sse').map((o) => o.id)).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 1)));
    // the server said when to come back (retry: 1500) and the lane heeded it
    for (const { delay } of w.noted('reconnect', 'sse')) expect(delay).toBeGreaterThanOrEqual(1500);
    // its ids are numbers, but nobody promised that they are dense
    expect(w.summary('sse').missed).toBeNull();
    for (const { missed } of w.noted('resume', 'sse')) expect(missed).toBeNull();
  });

  test('ids that nobody can resume from: what was lost cannot be known', async () => {
    const w = await follow('random', 'sse-uuid');
    await w.lab.publish({ type: 'tick', data: 'before' });
    await w.until('the first', () => w.summary('sse').unique === 1);
    await w.lab.setPath({ path: resolveVia(['refuse:']) }); // nobody comes back too early to lose it
    await w.lab.cutAll({ end: 'fin' });
    await w.until('the drop', () => w.noted('drop', 'sse').length > 0);
    await w.lab.publish({ type: 'tick', data: 'lost' });
    await w.lab.setPath({ path: [] });
    await w.until('open again', () => w.lane('sse').state === 'open');
    await w.lab.publish({ type: 'tick', data: 'after' });
    // the library sends what it is given as JSON
    await w.until('the one after', () => w.noted('event', 'sse').some((o) => o.data === '"after"'));
    expect(w.summary('sse').unique).toBe(2);
    expect(w.summary('sse').missed).toBeNull();
    expect(w.noted('resume', 'sse')).toMatchObject([{ missed: null }]);
  });
});
