import { COMMON_PARAMS } from '../../../../../src/shared/path/common-params.ts';
import { defaultsOf } from '../../../../../src/shared/path/params.ts';
import { describe, expect, it } from 'vitest';
import { FaultRig, faultOf } from './rig.ts';

const COMMON = defaultsOf(COMMON_PARAMS);
const latency = faultOf('latency');

describe('latency', () => {
  it('delays every chunk by what was asked, not more for coming in a crowd', async () => {
    const rig = new FaultRig(latency, { delay: 100 }).run();
    for (let i = 0; i < 20; i++) {
      rig.push(`${i} `);
      await rig.clock.pass(10);
    }
    await rig.clock.pass(1000);
    expect(rig.out.map((o) => o.at)).toEqual(Array.from({ length: 20 }, (_, i) => i * 10 + 100));
    expect(rig.text).toBe(Array.from({ length: 20 }, (_, i) => `${i} `).join(''));
  });

  it.each(['uniform', 'normal', 'long-tail'])('keeps the order under %s jitter', async (distribution) => {
    const rig = new FaultRig(latency, { delay: 100, jitter: 80, distribution }).run();
    const sent = Array.from({ length: 200 }, (_, i) => `${i},`);
    for (const text of sent) {
      rig.push(text);
      await rig.clock.pass(1);
    }
    await rig.clock.pass(10_000);
    expect(rig.out.map((o) => o.text)).toEqual(sent);
    const late = rig.out.map((o, i) => o.at - i);
    if (distribution === 'uniform') expect(Math.min(...late)).toBeGreaterThanOrEqual(20);
    if (distribution === 'long-tail') expect(Math.min(...late)).toBeGreaterThanOrEqual(100);
    expect(new Set(late.map(Math.round)).size).toBeGreaterThan(3); // it does vary
  });

  it('holds the end back as long as a byte', async () => {
    const rig = new FaultRig(latency, { delay: 100 }).run();
    await rig.clock.pass(50);
    rig.finish();
    await rig.clock.pass(99);
    expect(rig.done).toBe(false);
    await rig.clock.pass(1);
    expect(rig.done).toBe(true);
  });

  it('touches only the direction it is told', () => {
    expect(latency.affects!('up', { ...COMMON, delay: 100, jitter: 0, dir: 'down' })).toBe(false);
    expect(latency.affects!('down', { ...COMMON, delay: 100, jitter: 0, dir: 'down' })).toBe(true);
  });
});
