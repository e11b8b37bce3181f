import { describe, expect, it } from 'vitest';
import { parseStack, formatStack, draftValues } from '../../../src/renderer/fault-form/fault-draft.ts';
import { INFO } from '../demo/demo-engine.ts';

const { faults, presets } = INFO;

describe('a path as forms', () => {
  it('survives being typed, taken apart and put together', () => {
    const text = 'latency:delay=250ms,jitter=20ms+idle-timeout:after=10s,end=rst';
    expect(formatStack(parseStack(text, faults, presets)!)).toBe(text);
  });

  it('opens a preset into the faults it stands for, with limits changed in place', () => {
    const stack = parseStack('nginx:idle-timeout=3s', faults, presets)!;
    expect(stack.map((f) => f.info.id)).toEqual(['idle-timeout']);
    expect(draftValues(stack[0]!)).toMatchObject({ after: 3000, end: 'fin' });
  });

  it('has no form for what it does not know, and names a value that is wrong', () => {
    expect(parseStack('no-such-thing', faults, presets)).toBeNull();
    const stack = parseStack('idle-timeout:', faults, presets)!;
    stack[0]!.text['after'] = '10x';
    expect(() => formatStack(stack)).toThrow(/"10x" is not a duration/);
  });
});
