import { expect, it } from 'vitest';
import { fireDetail, unreachableWords } from '../../../src/engine/proxy/fire-words.ts';
import type { EndTold } from '../../../src/engine/faults/fault.ts';

const told = (end: Partial<EndTold>): EndTold => ({ client: 'fin', server: 'fin', cause: 'idle-limit', ...end });

it('says what the client got and what the server did, as it happened', () => {
  expect(fireDetail(told({ detail: '60 s without a byte' }), false)).toBe('60 s without a byte: fin');
  expect(fireDetail(told({ client: 'fin', server: 'rst' }), false)).toBe('fin / rst');
  expect(fireDetail(told({ said: '503', server: 'none', detail: '30 s' }), false)).toBe('30 s: 503 / none');
  expect(fireDetail(told({ client: 'none', detail: '5 s old' }), false)).toBe('5 s old: none / fin');
});

it('says nothing of a server that was never there', () => {
  const unreachable = told({
    cause: 'target-unreachable',
    said: '503',
    detail: 'the origin cannot be reached (ECONNREFUSED)',
  });
  expect(fireDetail(unreachable, false)).toBe('the origin cannot be reached (ECONNREFUSED): 503');
  expect(fireDetail(told({ cause: 'refuse', client: 'rst', detail: 'rst' }), false)).toBe('rst: rst');
  expect(fireDetail(told({ cause: 'refuse', said: '429', server: 'none' }), false)).toBe('429 / none');
});

it('says that an end is assumed, and never so of an answer', () => {
  expect(fireDetail(told({ detail: '60 s without a byte' }), true)).toBe('60 s without a byte: fin, assumed');
  expect(fireDetail(told({ said: '504' }), true)).toBe('504 / fin');
});

it.each([
  [{ client: 'rst' }, 'the client was reset'],
  [{ client: 'fin' }, 'the client got FIN'],
  [{ client: 'fin', said: '502' }, 'the client got 502'],
] as const)('tells of an unreachable target what became of the client: %o', (end, words) => {
  const { message, hint } = unreachableWords(told({ ...end, detail: 'ECONNREFUSED' }));
  expect(message).toBe(`The path cannot reach the target (ECONNREFUSED); ${words}.`);
  expect(hint).toBeUndefined();
});

it('knows a way out where a certificate is not trusted', () => {
  expect(unreachableWords(told({ detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' })).hint).toMatch(/NODE_EXTRA_CA_CERTS/);
});
