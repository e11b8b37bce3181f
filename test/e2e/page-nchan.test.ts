/** A server nobody here wrote, followed through the page: typed into the form, cut five times, and told honestly. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { openThePage, pageMissing, type ThePage } from './the-page.ts';

const { nchan, missing } = inject('rigs');
const reason = pageMissing ?? (nchan ? null : missing.nchan);
const MESSAGES = 200;
const EVERY_MS = 50;

describe.skipIf(reason !== null)(`nchan through the page${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let t: ThePage;
  beforeAll(async () => {
    t = await openThePage({ pollMs: 500, seed: 7 });
  });
  afterAll(async () => {
    await t?.close();
  });

  it('200 messages at 20 a second, everything cut five times: all arrive, and no continuity is claimed', async () => {
    const channel = `page${process.pid}`;
    const form = (testId: string) => t.by('target-form').getByTestId(testId);
    await t.by('target').click();
    await t.by('target-add').click();
    await form('target-name').fill('nchan');
    await form('target-dialect').selectOption('nchan');
    await form('target-base').fill(nchan!.url);
    await form('target-channel').fill(channel);
    await form('use-target').click();
    await t.by('target-form').waitFor({ state: 'hidden' });
    await t.until(async () => {
      expect(await t.by('target').textContent()).toContain('nchan');
      for (const m of METHODS) expect(['Open', 'Held', 'Asking', 'Resting'], m).toContain(await t.state(m));
      expect(await t.by('published-name').textContent()).toBe('First seen'); // nobody tells when it published
      expect(await t.by('restart').isDisabled()).toBe(true); // it is not ours to restart
    });

    const standing = async (): Promise<void> => {
      for (const m of ['long-polling', 'sse', 'websocket']) expect(['Open', 'Held'], m).toContain(await t.state(m));
    };
    for (let i = 1; i <= MESSAGES; i++) {
      if (i % 33 === 0 && i < 190) {
        await t.until(standing); // who has not come back from the last cut has nothing that could be cut
        await t.by('cut-all').click();
      }
      const answer = await fetch(`${nchan!.url}/pub/${channel}`, { method: 'POST', body: `message ${i}` });
      await answer.arrayBuffer();
      expect(answer.status).toBeLessThan(300);
      await sleep(EVERY_MS);
    }

    await t.until(async () => {
      for (const m of METHODS) expect(await t.number(m, 'received'), m).toBe(MESSAGES);
    });
    const states = t.lab.summary();
    for (const m of METHODS) expect(states[m]!.unique, m).toBe(MESSAGES);
    await t.until(async () => {
      for (const m of METHODS) expect(await t.text(m, 'missed'), m).toBe('cannot know');
    });
    for (const [lane, name] of [
      ['long-polling', 'Long poll'],
      ['sse', 'SSE'],
      ['websocket', 'WebSocket'],
    ] as const) {
      await t.until(async () => {
        expect(await t.number(lane, 'drops'), lane).toBeGreaterThanOrEqual(3);
        const rows = await t.ledger(name);
        expect(rows.filter((row) => row.endedBy === 'RST · cut').length, lane).toBeGreaterThanOrEqual(3);
        for (const row of rows) expect(['cannot know', '–'], lane).toContain(row.missed);
      });
    }
    expect(t.complaints).toEqual([]);
  });
});
