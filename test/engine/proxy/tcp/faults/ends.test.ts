import { COMMON_PARAMS } from '../../../../../src/shared/path/common-params.ts';
import { defaultsOf } from '../../../../../src/shared/path/params.ts';
import { describe, expect, it } from 'vitest';
import { FaultRig, faultOf, summaryOf } from './rig.ts';

const COMMON = defaultsOf(COMMON_PARAMS);
const blackHole = faultOf('black-hole');
const closeAfter = faultOf('close-after');
const idleTimeout = faultOf('idle-timeout');
const halfClose = faultOf('half-close');
const refuse = faultOf('refuse');

describe('idle-timeout', () => {
  it.each(['up', 'down'] as const)('counts from the last byte %s', async (dir) => {
    const rig = new FaultRig(idleTimeout, { after: 10_000 });
    idleTimeout.watch!(rig.params, rig.conn);
    for (let i = 0; i < 5; i++) {
      await rig.clock.pass(9000);
      rig.lastByteAt[dir] = rig.clock.now();
    }
    await rig.clock.pass(9999);
    expect(rig.closeCommands).toEqual([]);
    await rig.clock.pass(1);
    expect(rig.closeCommands).toMatchObject([{ client: 'fin', server: 'fin', cause: 'idle-limit' }]);
  });

  it.each(['fin', 'rst', 'silence', 'black-hole'])('ends with %s on both sides', async (end) => {
    const rig = new FaultRig(idleTimeout, { after: 1000, end });
    idleTimeout.watch!(rig.params, rig.conn);
    await rig.clock.pass(1000);
    expect(rig.closeCommands).toMatchObject([{ client: end, server: end }]);
  });

  it.each([
    ['up', 'down', 'client'],
    ['down', 'up', 'server'],
  ] as const)('listens to one direction alone: %s, whatever is said %s', async (dir, other, who) => {
    const rig = new FaultRig(idleTimeout, { after: 10_000, dir });
    idleTimeout.watch!(rig.params, rig.conn);
    await rig.clock.pass(9000);
    rig.lastByteAt[dir] = rig.clock.now();
    for (let i = 0; i < 9; i++) {
      await rig.clock.pass(1000);
      rig.lastByteAt[other] = rig.clock.now();
    }
    expect(rig.closeCommands).toEqual([]);
    await rig.clock.pass(1000);
    expect(rig.closeCommands).toMatchObject([{ client: 'fin', detail: `10 s without a byte from the ${who}` }]);
    expect(summaryOf(idleTimeout, rig.params)).toBe(`idle limit 10 s ${dir}`);
  });

  it('is the idle limit of the path', () => {
    const defaults = defaultsOf(idleTimeout.definition.params);
    expect(idleTimeout.definition.idleLimitMs!({ ...defaults, after: 10_000 })).toBe(10_000);
    expect(idleTimeout.definition.idleLimitMs!({ ...defaults, after: 0 })).toBeNull();
  });
});

describe('close-after', () => {
  it('ends a connection at its age', async () => {
    const rig = new FaultRig(closeAfter, { time: 5000, end: 'rst' });
    closeAfter.watch!(rig.params, rig.conn);
    await rig.clock.pass(4999);
    expect(rig.closeCommands).toEqual([]);
    await rig.clock.pass(1);
    expect(rig.closeCommands).toMatchObject([{ client: 'rst', cause: 'close-after' }]);
  });

  it('lets exactly so many bytes through, then asks for the end behind them', async () => {
    const rig = new FaultRig(closeAfter, { time: 0, bytes: 10 }).run();
    rig.push('012345');
    await rig.clock.pass(1);
    expect(rig.closeCommands).toEqual([]);
    rig.push('6789abc');
    await rig.clock.pass(1);
    expect(rig.text).toBe('0123456789');
    expect(rig.closeCommands).toMatchObject([{ after: 'down', cause: 'close-after' }]);
  });

  it('means no age when only bytes are typed', () => {
    expect(closeAfter.definition.impliedParams!(['bytes'])).toEqual({ time: 0 });
    expect(closeAfter.definition.impliedParams!(['bytes', 'time'])).toEqual({});
  });
});

describe('half-close', () => {
  it('ends its direction at an age, without ending the connection', async () => {
    const rig = new FaultRig(halfClose, { time: 5000 }).run();
    rig.push('before');
    await rig.clock.pass(4999);
    expect(rig.done).toBe(false);
    await rig.clock.pass(1);
    expect(rig.done).toBe(true);
    expect(rig.text).toBe('before');
    expect(rig.closeCommands).toEqual([]);
    expect(rig.reported).toEqual([{ client: 'fin', server: 'none', cause: 'half-close', detail: '5 s old' }]);
    expect(rig.blackholes).toEqual(['half-close']);
  });

  it('lets exactly so many bytes through, also long after', async () => {
    const rig = new FaultRig(halfClose, { time: 0, bytes: 10, dir: 'up' }, 'up').run();
    rig.push('012345');
    await rig.clock.pass(60_000);
    expect(rig.done).toBe(false);
    rig.push('6789abc');
    await rig.clock.pass(1);
    expect(rig.text).toBe('0123456789');
    expect(rig.done).toBe(true);
    expect(rig.reported).toEqual([{ client: 'none', server: 'fin', cause: 'half-close', detail: '10 B passed' }]);
  });

  it('has no say once it is taken off the path', async () => {
    const rig = new FaultRig(halfClose, { time: 5000, bytes: 4 }).run();
    await rig.clock.pass(1000);
    await rig.change();
    await rig.clock.pass(60_000);
    expect(rig.reported).toEqual([]);
    expect(rig.blackholes).toEqual([]);
  });

  it('touches one direction, and means no age when only bytes are typed', () => {
    expect(halfClose.affects!('down', { ...COMMON, time: 1, bytes: 0, dir: 'down' })).toBe(true);
    expect(halfClose.affects!('up', { ...COMMON, time: 1, bytes: 0, dir: 'down' })).toBe(false);
    expect(halfClose.definition.impliedParams!(['bytes'])).toEqual({ time: 0 });
  });
});

describe('black-hole', () => {
  it('lets nothing through, and says from when the connection is dead', async () => {
    const rig = new FaultRig(blackHole).run();
    const lift = blackHole.watch!(rig.params, rig.conn)!;
    rig.push('lost?');
    rig.finish();
    await rig.clock.pass(60_000);
    expect(rig.out).toEqual([]);
    expect(rig.done).toBe(false);
    expect(rig.blackholes).toEqual(['black-hole']);
    lift();
    await rig.change();
    expect(rig.text).toBe('lost?');
    expect(rig.blackholes).toEqual([]);
  });

  it('loses what it holds when the connection is ended meanwhile', async () => {
    const rig = new FaultRig(blackHole).run();
    rig.push('lost');
    rig.over = true;
    await rig.change();
    expect(rig.text).toBe('');
  });
});

describe('refuse', () => {
  it.each([
    ['rst', 'rst'],
    ['fin', 'fin'],
    ['hang', 'black-hole'],
    ['refused', 'rst'],
  ])('%s', (how, client) => {
    const rig = new FaultRig(refuse, { how });
    refuse.accept!(rig.params, rig.conn);
    expect(rig.closeCommands).toMatchObject([{ client, cause: 'refuse' }]);
    expect(refuse.refusesConnections!(rig.params)).toBe(how === 'refused');
  });
});
