import { expect, it } from 'vitest';
import { PRESETS } from '../../../src/shared/path/presets/index.ts';
import { presetFactLines } from '../../../src/shared/path/preset-fact-lines.ts';

const reported = (id: string): Record<string, string> =>
  Object.fromEntries(presetFactLines(PRESETS[id]!).map(({ about, known }) => [about, known]));

it('says what is not known, and never 0 for it', () => {
  expect(reported('cloudfront')).toMatchObject({
    'Timer against its limit': 'unknown',
    'The server sees': 'unknown',
    'HTTP/2 clients': 'unknown',
    Assumed: 'how it ends SSE and WebSocket',
  });
  expect(reported('home-nat')['From memory']).toBe('its limit');
});

it('says early and late, and what HTTP/2 changes', () => {
  expect(reported('squid')['Timer against its limit']).toBe('500 ms early to 1600 ms late');
  expect(reported('apache')['Timer against its limit']).toBe('0 to 5 ms late');
  expect(reported('nginx-tuned')['HTTP/2 clients']).toMatch(/^a cut stream ends with RST_STREAM/);
  expect(reported('azure-app-gateway')['Assumed']).toBe('how it ends SSE and WebSocket; how it buffers');
});

it('has nothing to say of what stands for nothing real', () => {
  expect(presetFactLines(PRESETS['direct']!)).toEqual([]);
});
