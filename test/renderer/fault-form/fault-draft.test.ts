import { describe, expect, it } from 'vitest';
import { draftsOf, draftStep, pathOf } from '../../../src/renderer/fault-form/fault-draft.ts';
import { spellPath } from '../../../src/shared/path/describe.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';

describe('a path as forms', () => {
  it('survives being typed, taken apart and put together', () => {
    const text = 'latency:delay=250ms,jitter=20ms+idle-timeout:after=10s,end=rst';
    expect(spellPath(pathOf(draftsOf(resolveVia([text])).map(draftStep)))).toEqual([text]);
  });

  it('opens a preset into the faults it stands for, with limits changed in place', () => {
    const stack = draftsOf(resolveVia(['impatient-proxy:idle-timeout=3s']));
    expect(stack.map((f) => f.info.id)).toEqual(['idle-timeout']);
    expect(draftStep(stack[0]!).params).toMatchObject({ after: 3000, end: 'fin' });
  });

  it('opens what follows from what was typed: no age where only bytes are', () => {
    expect(draftsOf(resolveVia(['close-after:bytes=1KiB']))[0]!.text).toMatchObject({ bytes: '1KiB', time: '0s' });
  });

  it('names a value that is wrong', () => {
    const [draft] = draftsOf(resolveVia(['idle-timeout:']));
    draft!.text['after'] = '10x';
    expect(() => draftStep(draft!)).toThrow(/"10x" is not a duration/);
  });
});
