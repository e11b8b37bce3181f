import { resolveVia } from '../../src/shared/path/resolve.ts';
import { afterEach, expect, test } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { everyLane, watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';

const HELD = ['long-polling', 'sse', 'websocket'] as const;
let watched: WatchedLab | null = null;

afterEach(async () => {
  await watched?.close();
  watched = null;
});

test(
  'a 10 s idle limit ends what waits in silence; a beat every 5 s keeps all alive',
  { timeout: 120_000 },
  async () => {
    watched = await watchedLab({
      workload: { name: 'notifications', rate: null, size: null, burst: null },
      path: resolveVia(['idle-timeout:after=10s,end=fin']),
      heartbeatMs: null,
      pollMs: 2000,
      timeScale: 10,
      seed: 11,
    });
    const { lab, noted, until, summary, lane, pass, n } = watched;
    await until('two drops of each held method', () => HELD.every((id) => noted('drop', id).length >= 2), 60_000);
    for (const id of HELD) {
      for (const { evidence, cause, by, silence } of noted('drop', id)) {
        expect({ evidence, cause, by }, id).toEqual({ evidence: 'fin', cause: 'idle-limit', by: 'path' });
        expect(silence, id).toBeGreaterThanOrEqual(9_000);
      }
    }
    expect(noted('drop', 'short-polling')).toEqual([]);

    await lab.setHeartbeat({ everyMs: 5000 });
    await until('all four open', () => everyLane((id) => lane(id).state === 'open'));
    await pass(12_000); // a poll that was already held may still be ended
    await until('all four open again', () => everyLane((id) => lane(id).state === 'open'));
    const since = n();
    await pass(60_000);
    expect(noted('drop', undefined, since).map((o) => `${o.lane} ${o.evidence}`)).toEqual([]);
    for (const id of METHODS) expect(summary(id).missed, id).toBe(0);
  },
);
