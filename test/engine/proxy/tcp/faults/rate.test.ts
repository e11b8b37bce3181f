import { describe, expect, it } from 'vitest';
import { FaultRig, faultOf } from './rig.ts';

const bandwidth = faultOf('bandwidth');
const slice = faultOf('slice');

describe('bandwidth', () => {
  it('takes as long as the bytes need at this rate', async () => {
    const rig = new FaultRig(bandwidth, { rate: 1000 }).run();
    rig.push('x'.repeat(2000));
    await rig.clock.pass(1000);
    expect(rig.text.length).toBe(1000);
    await rig.clock.pass(1000);
    expect(rig.text.length).toBe(2000);
  });

  it('gives no credit for silence', async () => {
    const rig = new FaultRig(bandwidth, { rate: 1000 }).run();
    await rig.clock.pass(10_000);
    rig.push('x'.repeat(500));
    await rig.clock.pass(250);
    expect(rig.text.length).toBe(250);
  });
});

describe('slice', () => {
  it('cuts a chunk into pieces with pauses between, none before the first', async () => {
    const rig = new FaultRig(slice, { size: 4, delay: 10 }).run();
    rig.push('0123456789');
    await rig.clock.pass(100);
    expect(rig.out).toEqual([
      { text: '0123', at: 0 },
      { text: '4567', at: 10 },
      { text: '89', at: 20 },
    ]);
  });
});
