import { describe, expect, it } from 'vitest';
import { IdempotencyCache, idempotencyKeyOf } from '../../../../src/engine/server/broker/idempotency.ts';
import { DEFAULTS } from '../../../../src/shared/defaults.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';

const receipt = (seq: number, type = 'n') => ({ cursor: `e.${seq}`, seq, type, time: 0 });

describe('idempotency keys', () => {
  it('are known for their time, and no longer', async () => {
    const clock = new FakeClock();
    const cache = new IdempotencyCache(clock);
    cache.store('a', receipt(1));
    await clock.pass(DEFAULTS.idempotencyMs - 1);
    expect(cache.find('a')).toEqual(receipt(1));
    await clock.pass(1);
    expect(cache.find('a')).toBeNull();
  });

  it('forget the oldest beyond so many bytes, whatever types they carry', () => {
    const cache = new IdempotencyCache(new FakeClock(), 100_000);
    for (let i = 0; i < 5000; i++) cache.store(`${i}`, receipt(i, 't'.repeat(200)));
    const known = Array.from({ length: 5000 }, (_, i) => cache.find(`${i}`)).filter((found) => found !== null);
    expect(known.length).toBeGreaterThan(50);
    expect(known.length).toBeLessThan(500);
    expect(known.at(-1)).toMatchObject({ seq: 4999 });
    expect(known[0]).toMatchObject({ seq: 5000 - known.length });
  });

  it('take little however long they are, and are told apart to their last character', () => {
    const long = 'k'.repeat(8000);
    const keys = [long, `${long}2`].map((key) => idempotencyKeyOf('a', key));
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(key.length).toBeLessThan(200);
    expect(idempotencyKeyOf('a', long)).toBe(keys[0]);
    expect(idempotencyKeyOf('b', long)).not.toBe(keys[0]);
  });

  it('of a client are never those of a connection', () => {
    expect(idempotencyKeyOf('a', 'ref 1 1')).not.toBe(idempotencyKeyOf('a', { connection: 1, ref: 1 }));
  });
});
