import { describe, expect, it } from 'vitest';
import { judge as judgeRelease, type Verdict } from './verdict.ts';
import type { Cell } from './report.ts';

const cell = (more: Partial<Cell>): Cell => ({
  preset: 'nginx-tuned',
  observable: 'held poll: client gets',
  real: '504',
  ours: '504',
  agrees: true,
  ...more,
});
const with60 = (...more: Partial<Cell>[]): Cell[] => [...Array.from({ length: 60 }, () => cell({})), ...more.map(cell)];
const time = { observable: 'held poll: after (ms)', real: '2000', ours: '2300', agrees: false };

const judge = (cells: readonly Cell[], installed = '1.22.1'): Verdict =>
  judgeRelease(cells, installed, 'nginx 1.22.1, Debian 12');

describe('a preset', () => {
  it('passes when everything agrees', () => {
    expect(judge(with60())).toEqual({ passed: true, words: '' });
  });

  it('fails by one outcome nobody has explained', () => {
    expect(judge(with60({ ours: '502', agrees: false })).passed).toBe(false);
  });

  it('passes with a difference whose reason is known, for that preset alone', () => {
    const known = { preset: 'haproxy-tcp', observable: 'origin down: after (ms)', agrees: false };
    expect(judge(with60(known)).passed).toBe(true);
    expect(judge(with60({ ...known, preset: 'nginx-tuned' })).passed).toBe(false);
  });

  it('is forgiven one time that is off by a little, not two, and not one that is off by a lot', () => {
    expect(judge(with60({ ...time, near: true }))).toEqual({ passed: true, words: 'one time is off by a little' });
    expect(judge(with60({ ...time, near: true }, { ...time, near: true })).passed).toBe(false);
    expect(judge(with60({ ...time, near: false })).passed).toBe(false);
  });

  it('fails when less than 95 % agree, whatever the reasons', () => {
    const known = { preset: 'haproxy-tcp', observable: 'origin down: after (ms)', agrees: false };
    expect(judge(with60(known, known, known, known)).passed).toBe(false);
  });

  it('is not failed by another release than was measured', () => {
    const wrong = with60({ ours: '502', agrees: false });
    expect(judge(wrong, '1.26.0')).toMatchObject({ passed: false, skipped: true });
    expect(judge(wrong, '1.26.0').words).toContain('1.26.0 is installed and 1.22.1 was measured');
    expect(judge(wrong).skipped).toBeUndefined();
    expect(judge(with60(), '1.26.0').passed).toBe(true);
  });

  it('fails when nothing was measured', () => {
    expect(judge([]).passed).toBe(false);
  });
});
