import { describe, expect, it } from 'vitest';
import { faultWords, settingWords } from '../../../src/renderer/words/settings.ts';

describe('what was set', () => {
  it.each([
    ['heartbeat', '5000ms', 'every 5 s'],
    ['heartbeat', 'off', 'off'],
    ['kill-server', 'down for 5000ms', 'down for 5 s'],
    ['recording', '/tmp/5000ms.heartline', '/tmp/5000ms.heartline'],
  ])('%s %s reads %s', (name, value, words) => {
    expect(settingWords({ type: 'setting', name, value })).toBe(words);
  });

  it('tells a limit that was lifted from one that was set', () => {
    const fault = { type: 'fault', name: 'idle-timeout', detail: 'idle limit 10 s' } as const;
    expect(faultWords({ ...fault, action: 'remove' })).toBe('idle limit 10 s removed');
    expect(faultWords({ ...fault, action: 'add' })).toBe('idle limit 10 s added');
  });
});
