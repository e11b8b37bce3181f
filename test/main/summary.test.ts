import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

describe('the last line of a test run', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'heartline-summary-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const run = (args: string[], env: Record<string, string> = {}): { status: number | null; lines: string[] } => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/fixtures/summary/vitest.config.ts', ...args],
      { encoding: 'utf8', env: { ...process.env, HEARTLINE_TEST_COUNTS: '', ...env } },
    );
    return { status, lines: stdout.trimEnd().split('\n') };
  };

  it('counts what failed in any way, and names each skip with its reason', { timeout: 60_000 }, () => {
    const { status, lines } = run([]);
    expect(status).toBe(1);
    // a failed test, a suite that could not begin, one that could not end, a file that could not be loaded
    expect(lines.at(-1)).toBe('2 passed, 4 failed');
    const skips = lines.filter((line) => line.startsWith('skipped: '));
    expect(skips).toEqual([
      'skipped: outcomes.case.ts › waits for a display: no display',
      'skipped: outcomes.case.ts › is left out: no reason given',
    ]);
  });

  it('is all right when everything passed, and does not list what a name filter left out', { timeout: 60_000 }, () => {
    const { status, lines } = run(['outcomes', '-t', '^passes$']);
    expect({ status, last: lines.at(-1) }).toEqual({ status: 0, last: '1 passed, 0 failed' });
    expect(lines.filter((line) => line.startsWith('skipped: '))).toEqual([]);
  });

  it('is left to npm test when that asks for the counts', { timeout: 60_000 }, () => {
    const counts = join(dir, 'counts.json');
    const { lines } = run(['outcomes'], { HEARTLINE_TEST_COUNTS: counts });
    expect(JSON.parse(readFileSync(counts, 'utf8'))).toEqual({ passed: 2, failed: 3, skipped: 2 });
    expect(lines.some((line) => /^\d+ passed, \d+ failed$/.test(line))).toBe(false);
  });
});
