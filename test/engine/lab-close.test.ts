import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { realClock } from '../../src/engine/time/clock.ts';
import { Lab } from '../../src/engine/lab.ts';
import { Feed } from '../../src/rpc/feed.ts';
import { watchedLab } from '../helpers/watched-lab.ts';

it(
  'twenty labs close under load with their feeds still running, and nothing is thrown',
  { timeout: 60_000 },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'heartline-close-'));
    const thrown: unknown[] = [];
    const note = (error: unknown): void => void thrown.push(error);
    process.on('uncaughtException', note).on('unhandledRejection', note);
    for (let i = 0; i < 20; i++) {
      const lab = new Lab({
        host: 'browser',
        version: 'test',
        dataDir: null,
        log: `sqlite:${join(dir, `${i}.db`)}`,
        config: { workload: { name: 'ticks', rate: 500, size: null, burst: null } },
      });
      await lab.start();
      const sent: number[] = [];
      const sink = {
        snapshot: () => sent.push(0),
        batch: (b: { seq: number }) => void sent.push(b.seq),
        congested: false,
      };
      const feed = new Feed(lab, realClock(), sink);
      feed.start();
      // a page that falls behind is given a snapshot when it has caught up: here, after the end
      await lab.close();
      const before = sent.length;
      feed.ack(1e9);
      feed.start();
      expect(sent.length).toBeGreaterThan(before);
      await vi.waitFor(() => expect(sent.length).toBeGreaterThan(before + 1), 10_000);
      expect(lab.snapshot().lanes).toHaveLength(4);
      feed.close();
    }
    process.off('uncaughtException', note).off('unhandledRejection', note);
    rmSync(dir, { recursive: true, force: true });
    expect(thrown).toEqual([]);
  },
);

it('a lab that has been closed can still be read, and changes nothing any more', async () => {
  const { lab, close } = await watchedLab({ lanes: [{ method: 'sse' }] });
  await close();
  expect(lab.engineTime()).toBeGreaterThan(0);
  expect(lab.snapshot().recent.at(-1)?.type).toBe('summary');
  await expect(lab.cutAll({ end: 'rst' })).rejects.toMatchObject({ code: 'no-run' });
  await expect(lab.restartRun({ seed: 2 })).rejects.toMatchObject({ code: 'no-run' });
});

it('a heartbeat that was set holds in the next run too: bar, server and long polls agree', async () => {
  const w = await watchedLab({
    lanes: [{ method: 'long-polling' }],
    workload: { name: 'none', rate: null, size: null, burst: null },
  });
  await w.lab.setHeartbeat({ everyMs: 5000 });
  const since = w.n();
  await w.lab.restartRun({});
  await w.until('a request of the next run', () => w.noted('request').some((r) => /wait=5\b/.test(r.url)));
  expect(w.lab.snapshot().config).toMatchObject({ heartbeatMs: 5000, holdMs: 25_000 });
  expect(w.noted('request').filter((r) => /wait=25/.test(r.url) && r.n > since)).toEqual([]);
  await w.lab.setHeartbeat({ everyMs: null });
  await w.until('the hold is back', () => w.noted('request').at(-1)?.url.includes('wait=25') === true);
  await w.close();
});
