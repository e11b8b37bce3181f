import { stepsOf } from '../../src/shared/path/spec.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../src/engine/proxy/tcp/faults/index.ts';
import type { Direction } from '../../src/engine/proxy/tcp/faults/fault.ts';
import { defaultsOf, formatParam, parseParam } from '../../src/shared/path/params.ts';
import { formatFault } from '../../src/shared/path/text.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { settle } from '../helpers/fake-clock.ts';
import { FaultRig } from '../engine/proxy/tcp/faults/rig.ts';

const HOUR = 3_600_000;
const DIRECTIONS: Direction[] = ['up', 'down'];
/** Any bytes in any chunks with any pauses between them. */
const traffic = fc.array(
  fc.record({ bytes: fc.string({ maxLength: 300, unit: 'binary-ascii' }), pause: fc.nat(300) }),
  {
    maxLength: 12,
  },
);

describe.each(Object.entries(FAULTS))('the fault %s', (name, fault) => {
  const { definition } = fault;
  const defaults = defaultsOf(definition.params);

  it('is named as it is typed, and says in a sentence what a client sees', () => {
    expect(definition.id).toBe(name);
    expect(name).toMatch(/^[a-z0-9.-]+$/);
    expect(definition.label).not.toBe('');
    expect(definition.what).toMatch(/^[A-Z].*\.$/);
    expect(definition.summary(defaults)).not.toBe('');
  });

  it('has params that can be typed: every default survives being written and read', () => {
    for (const [key, param] of Object.entries(definition.params)) {
      expect(parseParam(param, formatParam(param, param.default), key)).toBe(param.default);
    }
    expect(stepsOf(resolveVia([`${name}:`]))).toEqual([
      { name, params: { ...defaults, ...definition.impliedParams?.([]) } },
    ]);
    expect(stepsOf(resolveVia([formatFault(definition, defaults)]))[0]!.params).toEqual(defaults);
  });

  it('does nothing with the params that turn it off', async () => {
    if (!definition.disabledParams) return; // black-hole and refuse have no such setting
    const params = { ...defaults, ...definition.disabledParams };
    await fc.assert(
      fc.asyncProperty(traffic, fc.constantFrom(...DIRECTIONS), async (chunks, dir) => {
        const rig = new FaultRig(fault, params, dir);
        fault.accept?.(params, rig.conn);
        const letGo = fault.watch?.(params, rig.conn);
        if (fault.pipe) {
          rig.run();
          for (const { bytes, pause } of chunks) {
            const before = rig.text.length;
            rig.push(bytes);
            await settle();
            expect(rig.text.slice(before)).toBe(bytes); // at once
            await rig.clock.pass(pause);
          }
          rig.finish();
          await settle();
          expect(rig.text).toBe(chunks.map((c) => c.bytes).join(''));
          expect(rig.done).toBe(true);
        }
        await rig.clock.pass(HOUR);
        expect(rig.closeCommands).toEqual([]);
        expect(rig.blackholes).toEqual([]);
        letGo?.();
      }),
      { numRuns: 15 },
    );
  });

  it('hands on all it holds, once and in order, when the settings change', async () => {
    if (!fault.pipe) return;
    await fc.assert(
      fc.asyncProperty(traffic, fc.constantFrom(...DIRECTIONS), async (chunks, dir) => {
        const rig = new FaultRig(fault, defaults, dir).run();
        for (const { bytes, pause } of chunks) {
          rig.push(bytes);
          await rig.clock.pass(pause);
        }
        await rig.change();
        expect(rig.text).toBe(chunks.map((c) => c.bytes).join(''));
        expect(rig.done).toBe(true);
        expect(rig.clock.next()).toBeNull(); // and leaves no timer behind
      }),
      { numRuns: 15 },
    );
  });

  it('passes the end on, after the bytes', async () => {
    if (!fault.pipe) return;
    const rig = new FaultRig(fault, defaults).run();
    rig.push('the last words');
    rig.finish();
    await rig.clock.pass(HOUR);
    if (!rig.done) await rig.change(); // a black hole keeps the end, too, until it is lifted
    expect(rig.text).toBe('the last words');
    expect(rig.done).toBe(true);
  });

  it('leaves nothing waiting once the connection is over', async () => {
    if (!fault.pipe) return;
    const rig = new FaultRig(fault, defaults).run();
    rig.push('in flight');
    rig.over = true;
    await rig.change();
    expect(rig.done).toBe(true);
    expect(rig.clock.next()).toBeNull();
  });

  it('lets go of a connection without leaving a timer', () => {
    const rig = new FaultRig(fault, defaults);
    const letGo = fault.watch?.(rig.params, rig.conn);
    letGo?.();
    expect(rig.clock.next()).toBeNull();
    expect(rig.blackholes).toEqual([]);
  });
});
