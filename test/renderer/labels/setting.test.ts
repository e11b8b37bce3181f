import { describe, expect, it } from 'vitest';
import { faultLabel, scenarioLabel, settingLabel } from '../../../src/renderer/labels/setting.ts';

describe('what was set', () => {
  it.each([
    ['heartbeat', '5000ms', 'every 5 s'],
    ['heartbeat', 'off', 'off'],
    ['kill-server', 'down for 5000ms', 'down for 5 s'],
    ['recording', '/tmp/5000ms.heartline', '/tmp/5000ms.heartline'],
  ])('%s %s reads %s', (name, value, words) => {
    expect(settingLabel({ type: 'setting', name, value })).toBe(words);
  });

  it('tells a limit that was lifted from one that was set', () => {
    const fault = { type: 'fault', name: 'idle-timeout', detail: 'idle limit 10 s' } as const;
    expect(faultLabel({ ...fault, action: 'remove' })).toBe('idle limit 10 s removed');
    expect(faultLabel({ ...fault, action: 'add' })).toBe('idle limit 10 s added');
  });
});

describe('a scenario', () => {
  const fact = { type: 'scenario', name: 'Deploy', duration: 95_000 } as const;
  const check = (passed: boolean) => ({ name: 'missed == 0', lane: 'sse', expected: '', actual: '', passed });

  it('begins, and ends as its checks say', () => {
    expect(scenarioLabel({ ...fact, phase: 'begin' })).toBe('“Deploy” begins, for 95 s');
    expect(scenarioLabel({ ...fact, phase: 'end', checks: [check(true)] })).toBe('“Deploy”: its check passed');
    expect(scenarioLabel({ ...fact, phase: 'end', checks: [check(true), check(false)] })).toBe('“Deploy”: 1 of 2 checks passed'); // prettier-ignore
    expect(scenarioLabel({ ...fact, phase: 'end', checks: [] })).toBe('“Deploy” has ended');
    expect(scenarioLabel({ ...fact, phase: 'end', checks: [check(false)], stopped: true })).toBe(
      '“Deploy” was stopped',
    );
  });
});
