import { describe, expect, it } from 'vitest';
import { settle } from '../../../../helpers/fake-clock.ts';
import { FaultRig, faultOf } from './rig.ts';

const slice = faultOf('slice');
const slowClose = faultOf('slow-close');

describe('slow close', () => {
  it.each(['fin', 'rst'] as const)('holds back the end (%s) and not a byte', async (kind) => {
    const rig = new FaultRig(slowClose, { delay: 5000 }).run();
    rig.push('last words');
    await settle();
    expect(rig.out).toEqual([{ text: 'last words', at: 0 }]);
    rig.finish(kind);
    await rig.clock.pass(4999);
    expect(rig.done).toBe(false);
    await rig.clock.pass(1);
    expect(rig.done).toBe(true);
  });

  it('lets the end go at once when it is lifted', async () => {
    const rig = new FaultRig(slowClose, { delay: 5000 }).run();
    rig.finish();
    await settle();
    await rig.change();
    expect(rig.done).toBe(true);
  });
});

describe('slices of varying size', () => {
  it('stay within the variation, differ, and lose nothing', async () => {
    const text = 'x'.repeat(2000);
    const rig = new FaultRig(slice, { size: 50, variation: 20, delay: 0 }).run();
    rig.push(text);
    rig.finish();
    await rig.clock.pass(1);
    expect(rig.text).toBe(text);
    const sizes = rig.out.map((o) => o.text.length).filter((n) => n > 0);
    expect(new Set(sizes).size).toBeGreaterThan(3);
    for (const size of sizes.slice(0, -1)) {
      expect(size).toBeGreaterThanOrEqual(30);
      expect(size).toBeLessThanOrEqual(70);
    }
  });

  it('never come to nothing, however large the variation', async () => {
    const rig = new FaultRig(slice, { size: 1, variation: 100, delay: 0 }).run();
    rig.push('x'.repeat(500));
    rig.finish();
    await rig.clock.pass(1);
    expect(rig.text).toHaveLength(500);
  });
});
