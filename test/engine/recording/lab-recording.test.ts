/** Recordings as a lab makes them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Lab } from '../../../src/engine/lab.ts';
import { readRecording } from '../../../src/engine/recording/reader.ts';
import type { Observation } from '../../../src/shared/observation.ts';

let dir: string;
let lab: Lab;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'heartline-lab-rec-'));
});
afterEach(async () => {
  await lab.close();
  rmSync(dir, { recursive: true, force: true });
});

const started = async (record: string | null): Promise<Lab> => {
  const config = {
    workload: { name: 'none', rate: null, size: null, burst: null } as const,
    lanes: [{ method: 'sse' } as const],
  };
  lab = new Lab({ host: 'cli', version: '0', dataDir: null, config, record });
  await lab.start();
  return lab;
};
const records = async (file: string): Promise<Observation[]> => {
  const all: Observation[] = [];
  for await (const o of readRecording(file)) all.push(o);
  return all;
};

it('each run has a recording of its own, whole from its first record to its summary', async () => {
  await started(join(dir, 'a.heartline'));
  await lab.restartRun({ pollMs: 500 });
  await lab.restartRun({ pollMs: 600 });
  await lab.close();
  for (const name of ['a', 'a-2', 'a-3']) {
    const all = await records(join(dir, `${name}.heartline`));
    expect(all.map((o) => o.n)).toEqual(all.map((_, i) => i + 1));
    expect([all[0]!.type, all.at(-1)!.type]).toEqual(['run', 'summary']);
  }
});

it('one that begins late begins with the run’s own record all the same', async () => {
  await started(null);
  for (let i = 0; i < 21_000; i++) lab.noteHostSleep('end');
  const file = join(dir, 'late.heartline');
  await lab.startRecording({ file });
  await lab.stopRecording();
  const all = await records(file);
  expect(all.length).toBeLessThan(21_000);
  expect(all[0]).toMatchObject({ type: 'run', n: 1 });
  expect(all[1]!.n).toBeGreaterThan(1000);
});

it.skipIf(!existsSync('/dev/full'))('a full disk ends the recording with a notice, and nothing else', async () => {
  await started(null);
  const seen: Observation[] = [];
  lab.listen((o) => seen.push(o));
  await lab.startRecording({ file: '/dev/full' });
  await vi.waitFor(() => expect(seen.some((o) => o.type === 'notice' && o.code === 'cannot-record')).toBe(true), {
    timeout: 30_000,
  });
  expect(lab.snapshot().recording).toBeNull();
  const { cursor } = await lab.publish({ type: 'x', data: 'still here' });
  await vi.waitFor(() => expect(seen.some((o) => o.type === 'event' && o.cursor === cursor)).toBe(true), {
    timeout: 30_000,
  });
});
