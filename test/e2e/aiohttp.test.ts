import { afterEach, describe, expect, inject, test } from 'vitest';
import type { LaneSpec } from '../../src/shared/run-config.ts';
import { METHODS } from '../../src/shared/catalog.ts';
import { rigDialect } from '../helpers/rig-dialect.ts';
import { everyLane, watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

const { aiohttp, missing } = inject('rigs');
let watched: WatchedLab | null = null;

afterEach(async () => {
  await watched?.close();
  watched = null;
});

const channel = (name: string): string => `${name}${process.pid}`;

async function follow(ch: string, lanes: LaneSpec[] = METHODS.map((method) => ({ method }))): Promise<WatchedLab> {
  const base = aiohttp!.url;
  const target = {
    kind: 'remote',
    name: 'aiohttp',
    base,
    urls: {},
    channel: ch,
    headers: {},
    dialect: 'aiohttp-rig',
  } as const;
  watched = await watchedLab({ target, lanes, pollMs: 300, holdMs: 3000, seed: 9 }, { dialect: rigDialect('aiohttp') });
  return watched;
}

/** A long poll without a cursor hears of what is published while it is held, and of nothing before. */
async function open({ until, lane, lab }: WatchedLab): Promise<void> {
  await until('all open', () => lab.snapshot().lanes.every(({ id }) => lane(id).state === 'open'));
  await until('the long poll held', () => lane('long-polling').phase === 'held');
}

describe.skipIf(!aiohttp)(`aiohttp${missing.aiohttp ? ` (skipped: ${missing.aiohttp})` : ''}`, () => {
  test('four lanes follow a dialect read from a file, and resume with proof', async () => {
    const w = await follow(channel('follow'));
    await open(w);
    for (let i = 1; i <= 20; i++) {
      if (i === 7 || i === 14) {
        // a poll between two requests has nothing that could be cut
        await w.until('everyone waits for more', () => {
          const { state, phase } = w.lane('long-polling');
          return everyLane((id) => w.summary(id).unique === i - 1) && state === 'open' && phase === 'held';
        });
        await w.lab.cutAll({ end: i === 7 ? 'rst' : 'fin' });
      }
      await w.lab.publish({ type: 'tick', data: `line ${i}\nof two` });
    }
    await w.until('20 events on every lane', () => everyLane((id) => w.summary(id).unique === 20));
    for (const id of METHODS) {
      expect(
        w
          .noted('event', id)
          .filter((o) => !o.duplicate)
          .map((o) => o.cursor),
        id,
      ).toEqual(Array.from({ length: 20 }, (_, i) => `${w.noted('event', id)[0]!.cursor!.split('.')[0]}.${i + 1}`));
      expect(w.noted('event', id)[4]!.data, id).toBe('line 5\nof two');
      // the long poll asked twice before it had a cursor: what came between cannot be known
      expect(w.summary(id).missed, id).toBe(id === 'long-polling' ? null : 0);
      expect(w.noted('gap', id), id).toEqual([]);
    }
    for (const id of ['long-polling', 'sse', 'websocket']) {
      expect(w.noted('drop', id).length, id).toBeGreaterThan(0);
      for (const resume of w.noted('resume', id)) expect(resume, id).toMatchObject({ missed: 0, epochChanged: false });
    }
  });

  test('what was trimmed while a lane was away is a gap of that size', async () => {
    const ch = channel('trimmed');
    const w = await follow(ch);
    await open(w);
    for (let i = 1; i <= 5; i++) await w.lab.publish({ type: 'tick', data: `${i}` });
    await w.until('five events on every lane', () => everyLane((id) => w.summary(id).unique === 5));
    await w.lab.setPath({ path: resolveVia(['refuse:']) });
    await w.lab.cutAll({ end: 'fin' });
    for (let i = 6; i <= 15; i++) await w.lab.publish({ type: 'tick', data: `${i}` });
    await fetch(`${aiohttp!.url}/trim/${ch}/2`, { method: 'POST' });
    const before = w.n();
    await w.lab.setPath({ path: [] });
    // server.py lets streams go on from the newest, and answers polls with 410 and no word on where to go on
    await w.until('the streams back', () => ['sse', 'websocket'].every((id) => w.lane(id).state === 'open'));
    await w.lab.publish({ type: 'tick', data: '16' });
    await w.until('the streams at 16', () => ['sse', 'websocket'].every((id) => w.lane(id).cursor?.endsWith('.16')));
    // the WebSocket hears no id in the greeting: the next number tells
    expect(w.noted('gap', 'websocket', before)).toMatchObject([{ missed: 10, reason: 'hole' }]);
    expect(w.summary('websocket').missed).toBe(10);
    expect(w.summary('sse').missed).not.toBe(0);
    for (const id of ['short-polling', 'long-polling']) {
      await w.until(`${id} told`, () => w.lane(id).state === 'failed');
      expect(w.noted('state', id).at(-1), id).toMatchObject({ to: 'failed', evidence: 'status:410' });
    }
  });

  for (const chunk of [0, 7]) {
    test(`the torture stream arrives as the standard says${chunk ? `, ${chunk} bytes at a time` : ''}`, async () => {
      const url = `${aiohttp!.url}/sse-torture?chunk=${chunk}`;
      const w = await follow(channel('torture'), [{ method: 'sse', url }]);
      const answer = await fetch(`${aiohttp!.url}/sse-torture.json`);
      const { expected } = (await answer.json()) as { expected: [string, string, string][] };
      await w.until('the end of the stream', () => w.noted('drop', 'sse').length > 0, 60_000);
      const end = w.noted('drop', 'sse')[0]!.n;
      const got = w.noted('event', 'sse').filter((o) => o.n < end);
      // a record keeps the beginning of a long text
      expect(got.map((o) => o.data!.slice(0, 60))).toEqual(
        expected.map(([, , data]) => (data === '<200000 x>' ? 'x'.repeat(60) : data)),
      );
      expect(got.map((o) => o.event)).toEqual(expected.map(([type]) => type));
      // an id is noted where it stood on the wire; the last one is where a resume would begin
      for (const [i, o] of got.entries()) expect([null, expected[i]![1]], `event ${i}`).toContain(o.id);
      expect(got[9]!.id).toBe('7');
      expect(w.lane('sse').cursor).toBe('8');
      // the body was complete: that is no failure of the network
      expect(w.noted('drop', 'sse')[0]!.evidence).toBe('clean-end');
    });
  }

  test('a stream that is reset inside an event loses nothing but the torn one, which comes again', async () => {
    const ch = channel('torn');
    const url = `${aiohttp!.url}/sse-rst/${ch}?n=2&from=oldest`;
    for (let i = 1; i <= 5; i++) await fetch(`${aiohttp!.url}/publish/${ch}`, { method: 'POST', body: `event ${i}` });
    const w = await follow(ch, [{ method: 'sse', url }]);
    await w.until('all five', () => w.summary('sse').unique === 5, 60_000);
    expect(w.summary('sse')).toMatchObject({ duplicates: 0, missed: 0 });
    expect(w.noted('drop', 'sse')[0]).toMatchObject({ evidence: 'rst' });
  });

  test('statuses: 204 and 503 end a lane as they end an EventSource, a resilient one waits; a wrong type fails', async () => {
    const at = (path: string): LaneSpec => ({ method: 'sse', url: `${aiohttp!.url}${path}` });
    const resilient: LaneSpec = { ...at('/sse-status/503'), client: { retry: 'resilient' } };
    const w = await follow(channel('status'), [
      at('/sse-status/204'),
      resilient,
      at('/sse-badtype'),
      at('/sse-status/503'),
    ]);
    await w.until('204 stopped it', () => ['failed', 'stopped'].includes(w.lane('sse').state));
    await w.until('503 made it wait', () => w.noted('state', 'sse-2').some((o) => o.reason === 'server-advice'));
    await w.until('text/plain failed', () => w.lane('sse-3').state === 'failed');
    await w.until('503 ended the other', () => w.lane('sse-4').state === 'failed');
    expect(w.noted('drop', 'sse-2')).toEqual([]);
  });
});
