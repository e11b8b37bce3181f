import { describe, expect, it } from 'vitest';
import type { Fact, Observation } from '../../src/shared/observation.ts';
import { redactObservation } from '../../src/shared/redact.ts';
import { secretsOf, valueRedactor } from '../../src/shared/secrets.ts';
import type { RemoteTarget } from '../../src/shared/target.ts';

const R = '‹redacted›';
const target: RemoteTarget = {
  kind: 'remote',
  name: 'shop',
  base: 'http://bob:p%40ss-9x@shop.example/',
  urls: { sse: 'https://shop.example/events?channel=orders2024&after=k3f9ab.12&q=Zx81Qk77&sig=abcde' },
  channel: 'orders2024',
  headers: {
    Authorization: 'Bearer eyJ.abc.def',
    Cookie: 'sid=s1d-of-mine; theme=dark-and-long',
    'X-Anything': 'unguessable/one"',
    'X-Short': 'kid',
    'X-Word': 'prod7',
    Accept: 'text/event-stream',
  },
  dialect: 'plain',
};
const redact = valueRedactor(secretsOf({ target, lanes: [{ method: 'sse', url: 'wss://h/?x-key=Lane5key' }] }))!;

describe('what a person gave is taken out by its value', () => {
  it.each([
    ['the server saw Bearer eyJ.abc.def and said no', `the server saw ${R} and said no`],
    ['eyJ.abc.def alone', `${R} alone`],
    ['session s1d-of-mine is over', `session ${R} is over`],
    ['{"you sent":"unguessable/one\\""}', `{"you sent":"${R}"}`],
    ['?back=unguessable%2fone%22', `?back=${R}`],
    ['user bob, password p@ss-9x', `user bob, password ${R}`],
    ['Basic Ym9iOnBAc3MtOXg=', `Basic ${R}`],
    ['Zx81Qk77 abcde Lane5key', `${R} ${R} ${R}`],
    ['env prod7, not prod77', `env ${R}, not prod77`],
  ])('%s', (from, to) => expect(redact(from)).toBe(to));

  it('but not what every client sends, what the protocol itself repeats, or a value that stands in any text', () => {
    const text = 'kid text/event-stream orders2024 k3f9ab.12';
    expect(redact(text)).toBe(text);
  });

  it('wherever it stands in an observation, and nothing else changes', () => {
    const seen = (fact: Fact): Observation => ({ v: 1, n: 1, at: 1, lane: 'sse', ...fact });
    const event = seen({
      type: 'event',
      cursor: null,
      id: 'eyJ.abc.def',
      event: 'message',
      bytes: 9,
      latency: null,
      duplicate: false,
      data: '{"echo":"unguessable/one\\""}',
    });
    expect(redactObservation(event, redact)).toEqual({ ...event, id: R, data: `{"echo":"${R}"}` });
  });

  it('and there is nothing to do where nothing was given', () => {
    expect(valueRedactor(secretsOf({ target: { kind: 'embedded' }, lanes: [] }))).toBeNull();
    expect(valueRedactor(['', 'abc', 'true'])).toBeNull();
  });
});
