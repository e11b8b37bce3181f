import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { commandLine } from '../helpers/cli-process.ts';

const { heartline } = commandLine<Record<string, unknown>>('storm');

it('storm --json is one line, the same for the same seed; without it the histogram is drawn', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-storm-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const policy = join(dir, 'policy.yaml');
  writeFileSync(policy, 'backoff: equal\ncap: 10s\n');
  const args = ['--clients', '2000', '--outage', '20s', '--capacity', '100/s', '--seed', '5'];
  const json = heartline(...args, '--policy', policy, '--json');
  expect(await json.ended).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({
    v: 1,
    type: 'storm',
    clients: 2000,
    outageMs: 20_000,
    capacity: 100,
    seed: 5,
    policy: { kind: 'equal', baseMs: 500, capMs: 10_000, floorMs: 100 },
    peak: { perSecond: expect.any(Number) as number, at: expect.any(Number) as number },
    advice: [{ advice: 'none' }, { advice: 'retry' }, { advice: 'retry-after' }, { advice: 'queue' }],
  });
  const text = heartline(...args);
  expect(await text.ended).toBe(0);
  expect(text.out).toMatch(/█/);
  expect(text.out).toMatch(/Peak once it is back: .* attempts a second/);
  expect(text.out).toMatch(/Smallest safe window/);
  const bad = heartline('--clients', '5', '--policy', join(dir, 'none.yaml'));
  expect(await bad.ended).toBe(2);
  expect(bad.err).toMatch(/--policy: .*cannot be read/);
});
