import { describe, expect, it } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import {
  LANE_SETTING_NAMES,
  laneSettingsOf,
  uselessSentence,
  uselessSettings,
} from '../../src/shared/lane-settings.ts';

describe('what a lane may do in its own way', () => {
  it('each setting is for some method, and each method has one', () => {
    for (const name of LANE_SETTING_NAMES) expect(METHODS.some((m) => laneSettingsOf(m).includes(name))).toBe(true);
    expect(laneSettingsOf('short-polling')).toEqual(['pollMs', 'backoff', 'acceptEncoding', 'deadlineMs', 'retryOn']);
  });

  it('one that the method has no use for is named with the methods it is for', () => {
    expect(uselessSettings('sse', { retry: 'resilient' })).toEqual([]);
    expect(uselessSettings('sse', { retry: 'resilient', pongs: false })).toEqual(['pongs']);
    expect(uselessSentence('pongs', 'sse')).toBe('"Pongs" changes nothing for SSE: it is for WebSocket.');
  });

  it('a key of a scenario is for every method that one of its settings is for', () => {
    expect(uselessSentence('pollMs', 'sse', 'key')).toBe(
      '"poll" changes nothing for SSE: it is for short polling and long polling.',
    );
  });
});
