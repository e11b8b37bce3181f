import { expect, it } from 'vitest';
import type { CheckResult } from '../../../src/shared/check-result.ts';
import { parseCheck } from '../../../src/shared/scenario/check.ts';
import { checkLanes } from '../../../src/shared/scenario/expect.ts';
import { foldLossCounts, newLossCounts } from '../../../src/shared/scenario/losses.ts';
import type { LaneResult } from '../../../src/shared/scenario/measures.ts';
import type { LaneSummary } from '../../../src/shared/lane-summary.ts';
import type { Observation } from '../../../src/shared/observation.ts';

const quantiles = { p50: 100, p95: 4000, p99: 6000, max: 7000 };

function lane(summary: Partial<LaneSummary> = {}, more: Partial<LaneResult> = {}): LaneResult {
  const whole = {
    unique: 20,
    missed: 0,
    duplicates: 2,
    drops: 1,
    bytesIn: 2048,
    latency: null,
    timeToRecover: quantiles,
    timeToDetect: quantiles,
    states: { open: 60_000 },
    ...summary,
  } as LaneSummary;
  const served = { asked: 9, handed: 24 };
  return {
    summary: whole,
    state: 'open',
    downForMs: null,
    behind: 0,
    served,
    losses: newLossCounts(),
    peakReconnects: 7,
    ...more,
  };
}

const check = (text: string, end: LaneResult): CheckResult =>
  checkLanes([{ name: text, lanes: null, check: parseCheck(text) }], { sse: end })[0]!;

it.each([
  ['missed == 0', true],
  ['missed != 0', false],
  ['duplicates <= 5', true],
  ['duplicates < 2', false],
  ['duplicates<=2', true],
  ['drops == 0', false],
  ['unique > 19', true],
  ['unique >= 21', false],
  ['bytesIn <= 2KiB', true],
  ['timeToRecover.p95 < 5s', true],
  ['timeToRecover.max < 5s', false],
  ['timeToDetect.p50 >= 100ms', true],
  ['states.open >= 1m', true],
  ['states.failed == 0s', true],
  ['state == open', true],
  ['state != failed', true],
  ['state == failed', false],
  ['behind == 0', true],
  ['asked == 9', true],
  ['handed <= 20', false],
])('%s', (text, passed) => {
  expect(check(text, lane())).toMatchObject({ name: text, lane: 'sse', passed });
});

it('never takes the unknown for 0, nor for anything else', () => {
  const unknown = lane({ missed: null }, { behind: null });
  for (const text of ['missed == 0', 'missed != 0', 'missed <= 5', 'missed >= 0', 'behind == 0']) {
    expect(check(text, unknown), text).toMatchObject({ passed: false, actual: 'cannot know' });
  }
  expect(check('missed == unknown', unknown).passed).toBe(true);
  expect(check('missed == unknown', lane()).passed).toBe(false);
});

it('does not say that a lane which never opened missed nothing', () => {
  expect(check('missed == 0', lane({ states: { waiting: 60_000 } }))).toMatchObject({
    passed: false,
    actual: 'cannot know: it never opened',
  });
});

it('counts recovery only where there was something to recover from, and not while it is still out', () => {
  expect(check('timeToRecover.p95 < 5s', lane({ drops: 0, timeToRecover: null }))).toMatchObject({
    passed: true,
    actual: 'no drop to recover from',
  });
  expect(check('timeToRecover.p95 > 5s', lane({ drops: 0, timeToRecover: null })).passed).toBe(false);
  expect(check('timeToRecover.p95 < 5s', lane({}, { downForMs: 12_000 }))).toMatchObject({
    passed: false,
    actual: 'not recovered, down for 12s',
  });
  expect(check('timeToDetect.p95 < 5s', lane({ timeToDetect: null }))).toMatchObject({ passed: false });
  expect(check('latency.p95 < 200ms', lane())).toMatchObject({ passed: false, actual: 'nothing was measured' });
});

it('counts drops by what was seen and by why, and gaps by reason', () => {
  const losses = newLossCounts();
  const stamp = { v: 1, n: 1, at: 0, lane: 'sse' } as const;
  const drop = { ...stamp, type: 'drop', by: 'path', silence: 0, detected: null } as const;
  const seen: Observation[] = [
    { ...drop, evidence: 'fin', cause: 'idle-limit' },
    { ...drop, evidence: 'offline', cause: 'offline' },
    { ...drop, evidence: 'close:1006' },
    { ...stamp, type: 'gap', from: null, to: null, missed: 3, reason: 'trimmed' },
  ];
  for (const o of seen) foldLossCounts(losses, o);
  const end = lane({ drops: 3 }, { losses });
  for (const text of [
    'drops == 3',
    'drops.idle-limit == 1',
    'drops.fin == 1',
    'drops.offline == 1',
    'drops.close:1006 == 1',
    'drops.cut == 0',
    'gaps == 1',
    'gaps.trimmed == 1',
    'gaps.epoch == 0',
  ]) {
    expect(check(text, end), text).toMatchObject({ passed: true });
  }
});

it('holds all lanes to it, or those that are named', () => {
  const lanes = { sse: lane(), websocket: lane({ missed: 2 }) };
  const all = checkLanes([{ name: 'a', lanes: null, check: parseCheck('missed == 0') }], lanes);
  expect(all.map(({ lane: id, passed, actual }) => [id, passed, actual])).toEqual([
    ['sse', true, '0'],
    ['websocket', false, '2'],
  ]);
  expect(checkLanes([{ name: 'a', lanes: ['sse'], check: parseCheck('missed == 0') }], lanes)).toHaveLength(1);
});

it('what is of the whole run is checked once, and belongs to no lane', () => {
  const check = parseCheck('peakReconnects <= 6');
  expect(checkLanes([{ name: 'rush', lanes: null, check }], { sse: lane(), websocket: lane() })).toEqual([
    { name: 'rush', lane: null, expected: 'peakReconnects <= 6', actual: '7', passed: false },
  ]);
});

it.each([
  ['missed', 'is not a check'],
  ['missed = 0', 'is not a check'],
  ['missd == 0', 'Did you mean missed?'],
  ['constructor == 0', 'no measure "constructor"'],
  ['missed.p95 == 0', 'missed is one figure'],
  ['latency < 5s', 'Write latency.p50'],
  ['latency.p96 < 5s', 'Did you mean p95?'],
  ['latency.p95 < 5', 'Write a number with a unit'],
  ['missed == 5s', 'is not a count'],
  ['state == opened', 'Did you mean open?'],
  ['state > open', 'Use == or !='],
  ['missed != unknown', 'missed == unknown'],
  ['drops.idle-limt == 0', 'Did you mean idle-limit?'],
  ['drops.status:5040000 == 0', 'drops has no'],
])('%s is refused with a way out', (text, sentence) => {
  expect(() => parseCheck(text)).toThrow(expect.objectContaining({ exit: 2 }) as Error);
  try {
    parseCheck(text);
  } catch (error) {
    const { message, hint } = error as { message: string; hint: string };
    expect(`${message} ${hint}`).toContain(sentence);
  }
});
