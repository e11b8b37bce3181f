import { afterEach, describe, expect, inject, test } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { everyLane, watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';

const { nchan, missing } = inject('rigs');
let watched: WatchedLab | null = null;

afterEach(async () => {
  await watched?.close();
  watched = null;
});

/** Four lanes on a channel nobody used before. */
async function follow(base: string, channel: string): Promise<WatchedLab> {
  const target = { kind: 'remote', name: 'nchan', base, urls: {}, channel, headers: {}, dialect: 'nchan' } as const;
  watched = await watchedLab({ target, pollMs: 500, seed: 7 });
  const { until, lane } = watched;
  await until('four open lanes', () => everyLane((id) => lane(id).state === 'open'));
  return watched;
}

/** Publishes `count` messages, 20 a second; `between` may meddle before each. */
async function publish(lab: WatchedLab['lab'], count: number, between: (i: number) => Promise<void> = async () => {}) {
  for (let i = 1; i <= count; i++) {
    await between(i);
    await lab.publish({ type: 'tick', data: `message ${i}` });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const channel = (name: string): string => `${name}${process.pid}`;

describe.skipIf(!nchan)(`nchan${missing.nchan ? ` (skipped: ${missing.nchan})` : ''}`, () => {
  test('four lanes get each of 200 messages through five cuts', { timeout: 120_000 }, async () => {
    const { lab, until, summary, noted } = await follow(nchan!.url, channel('cuts'));
    await publish(lab, 200, async (i) => {
      if (i % 33 === 0 && i < 190) await lab.cutAll({ end: i % 2 === 0 ? 'fin' : 'rst' });
    });
    await until('200 unique events on every lane', () => everyLane((id) => summary(id).unique === 200));
    for (const id of METHODS) {
      // each message by its content, not only by count
      expect(new Set(noted('event', id).map((o) => o.cursor)).size, id).toBe(200);
      // the ids are not dense: nothing can be proved, and nothing is claimed
      expect(summary(id).missed, id).toBeNull();
      expect(noted('gap', id), id).toEqual([]);
    }
    for (const id of ['long-polling', 'sse', 'websocket']) {
      const drops = noted('drop', id);
      expect(drops.length, id).toBeGreaterThanOrEqual(3);
      for (const { cause, by, evidence } of drops) {
        expect({ cause, by }, id).toEqual({ cause: 'cut', by: 'path' });
        expect(['fin', 'rst'], id).toContain(evidence);
      }
    }
  });

  test(
    'with three messages kept, a longer cut ends in "cannot know" and never in 0',
    { timeout: 120_000 },
    async () => {
      const { lab, until, summary, lane, noted, n } = await follow(nchan!.smallUrl, channel('small'));
      await publish(lab, 10);
      await until('the first ten on every lane', () => everyLane((id) => summary(id).unique === 10));
      const before = n();
      await lab.setOffline({ offline: true });
      await publish(lab, 20);
      await lab.setOffline({ offline: false });
      await until('every lane back', () => everyLane((id) => lane(id).state === 'open'));
      await lab.publish({ type: 'tick', data: 'the last' });
      await until('the last message on every lane', () => everyLane((id) => summary(id).unique > 10));
      await until('what was kept on every lane', () => everyLane((id) => summary(id).unique >= 13));
      for (const id of METHODS) {
        expect(summary(id).unique, `${id} really lost some`).toBeLessThan(31);
        expect(summary(id).missed, id).toBeNull();
        const resumes = noted('resume', id, before);
        expect(resumes.length, id).toBeGreaterThan(0);
        for (const { missed } of resumes) expect(missed, id).toBeNull();
      }
    },
  );
});
