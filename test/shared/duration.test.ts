import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseRate, parseSize } from '../../src/shared/duration.ts';

describe('durations, sizes and rates', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['525985.3s', 525_985_300],
    [' 5s ', 5000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5', '5 s', '-5s', '1e3s', 's', '5S', '0x5s', 'Infinityms', '5s5s'])(
    'no duration: %j, and it says where',
    (text) => {
      expect(() => parseDuration(text, '--hold')).toThrow(
        expect.objectContaining({ code: 'bad-duration', place: '--hold', exit: 2 }),
      );
    },
  );

  it('what is written can be read back', () => {
    fc.assert(fc.property(fc.nat(1e9), (ms) => parseDuration(formatDuration(ms)) === ms));
    fc.assert(fc.property(fc.nat(2 ** 31), (n) => parseSize(formatSize(n)) === n));
  });

  it('writes the shortest exact spelling', () => {
    expect([250, 10_000, 90_000, 300_000, 1500, 0, 3_600_000].map(formatDuration)).toEqual([
      '250ms',
      '10s',
      '90s',
      '5m',
      '1.5s',
      '0s',
      '1h',
    ]);
  });

  it('reads sizes in both kinds of units, and rates', () => {
    expect(['512B', '64KiB', '1.5MiB', '1kB', '700'].map((t) => parseSize(t))).toEqual([
      512, 65_536, 1_572_864, 1000, 700,
    ]);
    expect(['5/s', '30/m', '2', '3600/h'].map((t) => parseRate(t))).toEqual([5, 0.5, 2, 1]);
    expect(() => parseSize('64 KiB', '--x')).toThrow(expect.objectContaining({ place: '--x' }));
    expect(() => parseRate('5/d', '--rate')).toThrow(expect.objectContaining({ place: '--rate' }));
  });
});
