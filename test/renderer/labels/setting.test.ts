import { describe, expect, it } from 'vitest';
import { faultLabel, scenarioLabel, settingFactLabel, settingLabel } from '../../../src/renderer/labels/setting.ts';
import type { Setting } from '../../../src/shared/setting.ts';

describe('what was set', () => {
  it.each<[Setting, string, string]>([
    [{ name: 'heartbeat', everyMs: 5000 }, 'heartbeat 5 s', 'every 5 s'],
    [{ name: 'heartbeat', everyMs: null }, 'no heartbeat', 'off'],
    [{ name: 'kill-server', downMs: 5000 }, 'server killed', 'down for 5 s'],
    [{ name: 'cut-all', connections: 3, end: 'rst' }, 'cut all', '3 connections, RST'],
    [{ name: 'workload', workload: 'none', rate: null }, 'no workload', 'no workload'],
    [{ name: 'workload', workload: 'chat', rate: 0.2 }, 'Chat, 12/min', 'Chat, 12/min'],
    [{ name: 'workload', workload: null, rate: 5 }, 'rate 5/s', 'rate 5/s'],
  ])('%o reads %s', (setting, phrase, value) => {
    expect(settingLabel(setting)).toMatchObject({ phrase, value });
  });

  it('of an earlier recording is its text, never read back into a value', () => {
    const old = { type: 'setting', name: 'kill-server', value: 'down for 5000ms' } as const;
    expect(settingFactLabel(old)).toMatchObject({ phrase: 'kill server', value: 'down for 5000ms' });
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
