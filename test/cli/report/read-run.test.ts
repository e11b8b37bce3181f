import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRun } from '../../../src/cli/report/read-run.ts';
import { reportText } from '../../../src/cli/report/report-text.ts';

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

const line = { lane: null, type: 'notice', level: 'info', code: 'x', message: 'm' };

it.each<[string, object | string]>([
  ['a run without lanes', { lane: null, type: 'run', lanes: 5 }],
  ['a run without a target', { lane: null, type: 'run', target: null, lanes: [], via: [], seed: 1, timeScale: 1 }],
  ['an event of nothing', { lane: 'sse', type: 'event' }],
  ['a drop of nothing', { lane: 'sse', type: 'drop' }],
  ['a resume of nothing', { lane: 'sse', type: 'resume' }],
  ['a summary of nothing', { lane: null, type: 'summary' }],
  ['a summary of null', { lane: null, type: 'summary', lanes: { sse: null } }],
  ['a time that no calendar has', { ...line, at: 1e300 }],
  ['a record of a newer version', { ...line, v: 2 }],
  ['no JSON', '{'],
])('leaves out, and names, a line that is %s; keeps the rest', async (_, broken) => {
  const file = join(dir, 'broken.heartline');
  const text = (r: object | string): string =>
    typeof r === 'string' ? r : JSON.stringify({ v: 1, n: 1, at: 1, ...r });
  writeFileSync(file, [line, broken, line].map(text).join('\n'));
  const problems: string[] = [];
  const run = await readRun(file, (failure) => problems.push(failure.place!));
  expect(problems).toEqual([`${file}: line 2`]);
  expect(run.records).toBe(2);
  expect(reportText(run)).toContain('2 records');
  writeFileSync(file, text(broken) + '\n');
  await expect(readRun(file, () => {})).rejects.toMatchObject({ code: 'bad-recording', exit: 3 }); // it is none at all
});
