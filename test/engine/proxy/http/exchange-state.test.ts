import { describe, expect, it } from 'vitest';
import { ExchangeState, type ExchangeEvent } from '../../../../src/engine/proxy/http/exchange-state.ts';

const EVENTS: ExchangeEvent[] = ['connect', 'sent', 'retry', 'share', 'head', 'head-sent', 'switch', 'respond', 'end'];

/** How each state is reached, the phase that policies see in it, and all that may happen there. */
const STATES: [state: string, way: ExchangeEvent[], phase: string, may: ExchangeEvent[]][] = [
  ['received', [], 'waiting', ['connect', 'share', 'respond', 'end']],
  ['connecting', ['connect'], 'waiting', ['sent', 'retry', 'respond', 'end']],
  ['waiting', ['connect', 'sent'], 'waiting', ['retry', 'head', 'switch', 'respond', 'end']],
  ['connecting again', ['connect', 'sent', 'retry'], 'waiting', ['sent', 'retry', 'respond', 'end']],
  ['shared', ['share'], 'waiting', ['head', 'respond', 'end']],
  ['held', ['connect', 'sent', 'head'], 'answering', ['head-sent', 'respond', 'end']],
  ['streaming', ['connect', 'sent', 'head', 'head-sent'], 'answering', ['end']],
  ['tunnel', ['connect', 'sent', 'switch'], 'tunnel', ['end']],
  ['over', ['end'], 'over', []],
  ['over, by an answer', ['share', 'head', 'respond'], 'over', []],
];

describe.each(STATES)('an exchange that is %s', (_, way, phase, may) => {
  const reach = (): ExchangeState => {
    const state = new ExchangeState();
    for (const event of way) expect(state.step(event)).toBe(true);
    return state;
  };

  it(`is seen as ${phase}`, () => expect(reach().phase).toBe(phase));

  it.each(EVENTS)('%s happens only where it may, and changes nothing where it may not', (event) => {
    const state = reach();
    expect(state.allows(event)).toBe(may.includes(event));
    expect(state.step(event)).toBe(may.includes(event));
    if (may.includes(event)) return;
    expect(state.phase).toBe(phase);
    for (const other of EVENTS) expect(state.allows(other)).toBe(may.includes(other));
  });
});
