/** Three server processes behind a real HAProxy, on a real Redis with a replica. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seeded } from '../../src/shared/random.ts';
import { Cluster } from '../helpers/cluster.ts';
import { playSchedule } from '../helpers/cluster-schedule.ts';
import { redisMissing } from '../helpers/redis-rig.ts';
import { missing } from '../helpers/rigs.ts';

const SCHEDULES = 20;
const STREAMS = 30;
const lacking = redisMissing() ?? missing.haproxy();
let cluster: Cluster;

describe('three processes on one Redis', () => {
  beforeAll(async () => {
    if (lacking === null) cluster = await Cluster.start();
  }, 180_000);
  afterAll(() => cluster?.stop());
  beforeEach((ctx) => {
    if (lacking !== null) ctx.skip(lacking);
  });

  it.each(Array.from({ length: SCHEDULES }, (_, i) => i + 1))(
    'schedule %i: kill, deploy, FLUSHALL, fail-over: no loss that is not told',
    async (seed) => {
      const outcome = await playSchedule(cluster, seed, seeded(seed), STREAMS);
      expect(outcome.wrong, JSON.stringify(outcome)).toEqual([]);
      expect(outcome.acknowledged).toBeGreaterThan(0);
      expect(outcome.received).toBeGreaterThan(0);
    },
    180_000,
  );
});
