/** What becomes of the embedded server when its log cannot be written any more. */
import { afterEach, expect, it, vi } from 'vitest';
import { Causes } from '../../../src/engine/evidence/causes.ts';
import { EmbeddedTarget } from '../../../src/engine/run/embedded-target.ts';
import type { NoticeFact } from '../../../src/shared/observation.ts';
import { seeded } from '../../../src/shared/random.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0)) await fn();
});

it('a full disk ends the workload with a notice, and the next one begins anew', async () => {
  const clock = new FakeClock();
  const notices: NoticeFact[] = [];
  let published = 0;
  const embedded = await EmbeddedTarget.open({
    clock,
    random: seeded(1),
    causes: new Causes(),
    channel: 'demo',
    port: 0,
    host: '127.0.0.1',
    log: 'memory',
    settings: {},
    onPublish: () => void published++,
    onNotice: (notice) => void notices.push(notice),
  });
  undo.push(() => embedded.close());
  const ticks = { name: 'ticks', rate: null, size: null, burst: null } as const;

  const full = vi.spyOn(embedded.server, 'publish').mockImplementation(() => {
    throw new Error('database or disk is full');
  });
  embedded.startWorkload(ticks);
  await clock.pass(5000);
  expect(notices).toMatchObject([
    { level: 'error', code: 'workload-failed', message: expect.stringMatching(/ticks .*disk is full/) },
  ]);
  full.mockRestore();

  embedded.startWorkload(ticks);
  await clock.pass(1000);
  expect(published).toBeGreaterThan(5);
  expect(notices).toHaveLength(1);
});
