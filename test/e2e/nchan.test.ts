import { afterEach, describe, expect, inject, test } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { everyLane, watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

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
    const { lab, until, summary, noted, lane } = await follow(nchan!.url, channel('cuts'));
    await publish(lab, 200, async (i) => {
      if (i % 33 !== 0 || i > 190) return;
      // who has not come back from the last cut has nothing that could be cut
      await until('all back', () => everyLane((id) => lane(id).state === 'open'));
      await lab.cutAll({ end: i % 2 === 0 ? 'fin' : 'rst' });
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
      // a poller that rests for longer than three messages has lost some already: where they stand must be the same
      const together = (): boolean => new Set(METHODS.map((id) => lane(id).cursor)).size === 1;
      await until('every lane at the tenth message', () => summary('sse').unique === 10 && together());
      const had = new Map(METHODS.map((id) => [id, summary(id).unique]));
      const before = n();
      await lab.setPath({ path: resolveVia(['refuse:']) });
      await lab.cutAll({ end: 'fin' });
      await publish(lab, 20);
      await lab.setPath({ path: [] });
      await lab.publish({ type: 'tick', data: 'the last' });
      const last = (id: string): boolean => noted('event', id, before).some((o) => o.data === 'the last');
      await until('the last message on every lane', () => everyLane(last), 60_000);
      for (const id of METHODS) {
        expect(summary(id).unique - had.get(id)!, `${id} really lost some`).toBeLessThan(21);
        expect(summary(id).missed, id).toBeNull();
        const resumes = noted('resume', id, before);
        expect(resumes.length, id).toBeGreaterThan(0);
        for (const { missed } of resumes) expect(missed, id).toBeNull();
      }
    },
  );
});
