import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRun } from '../../../src/cli/report/read-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'heartline-report-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function recording(...records: object[]): string {
  const file = join(dir, 'run.heartline');
  writeFileSync(file, records.map((r) => JSON.stringify({ v: 1, n: 1, at: 1, ...r })).join('\n') + '\n');
  return file;
}

const event = { type: 'event', cursor: 'aaaa.1', id: 'aaaa.1', event: 'x', bytes: 3, latency: null, duplicate: false };

it('counts a lane whatever it is called', async () => {
  const run = await readRun(recording({ lane: 'constructor', ...event }, { lane: '__proto__', ...event }));
  expect(run.summary.lanes['constructor']).toMatchObject({ unique: 1 });
  expect(run.records).toBe(2);
});

it('names the record that lacks what such a record has', async () => {
  const file = recording({ lane: 'sse', ...event }, { lane: null, type: 'run', lanes: null });
  await expect(readRun(file)).rejects.toMatchObject({ code: 'bad-recording', place: `${file}: record 2`, exit: 3 });
});
