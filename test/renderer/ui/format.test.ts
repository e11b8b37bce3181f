import { describe, expect, it } from 'vitest';
import { bytes, clock, clockFine, count, limit, ratio, seconds, span } from '../../../src/renderer/ui/format.ts';

describe('numbers as people read them', () => {
  it.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [7, '7 ms'],
    [7.26, '7.3 ms'],
    [41.4, '41 ms'],
    [280, '280 ms'],
    [1037, '1,040 ms'],
    [9994, '9,990 ms'],
    [9999, '10.0 s'],
    [12_345, '12.3 s'],
    [99_949, '99.9 s'],
    [125_000, '125 s'],
    [660_000, '11 min'],
    [7_500_000, '2.08 h'],
  ])('%d ms is %s', (ms, words) => expect(span(ms)).toBe(words));

  it('never writes a hole as 0', () => {
    for (const write of [span, seconds, limit, bytes, count, ratio]) {
      expect(write(null)).toBe('–');
      expect(write(undefined)).toBe('–');
      expect(write(NaN)).toBe('–');
    }
  });

  it.each([
    [0, '0 B'],
    [612, '612 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1234, '1.21 KiB'],
    [12_345, '12.1 KiB'],
    [1_023_000, '999 KiB'],
    [1_023_600, '0.98 MiB'],
    [1_300_000, '1.24 MiB'],
    [5_368_709_120, '5 GiB'],
  ])('%d bytes are %s', (n, words) => expect(bytes(n)).toBe(words));

  it('keeps counts exact and ratios short', () => {
    expect(count(12_400)).toBe('12,400');
    expect(ratio(1.3636)).toBe('1.36');
    expect(ratio(123.4)).toBe('123');
  });

  it('counts down with one decimal and says limits as people do', () => {
    expect(seconds(4249)).toBe('4.2 s');
    expect(seconds(-50)).toBe('0.0 s');
    expect(limit(10_000)).toBe('10 s');
    expect(limit(250)).toBe('250 ms');
  });

  it('writes run time with as many digits as asked for', () => {
    expect(clock(68_000)).toBe('1:08');
    expect(clock(3_723_000)).toBe('1:02:03');
    expect(clockFine(68_049, 1)).toBe('1:08.0');
    expect(clockFine(67_219, 2)).toBe('1:07.21');
    expect(clockFine(59_999, 1)).toBe('0:59.9');
  });
});
