import { expect, it } from 'vitest';
import { closedDetail, unreachableNotice } from '../../../src/engine/proxy/closed-detail.ts';
import type { ClosedInfo } from '../../../src/engine/proxy/tcp/faults/fault.ts';

const closedInfo = (end: Partial<ClosedInfo>): ClosedInfo => ({
  client: 'fin',
  server: 'fin',
  cause: 'idle-limit',
  ...end,
});

it('says what the client got and what the server did, as it happened', () => {
  expect(closedDetail(closedInfo({ detail: '60 s without a byte' }), false)).toBe('60 s without a byte: fin');
  expect(closedDetail(closedInfo({ client: 'fin', server: 'rst' }), false)).toBe('fin / rst');
  expect(closedDetail(closedInfo({ clientGot: '503', server: 'none', detail: '30 s' }), false)).toBe(
    '30 s: 503 / none',
  );
  expect(closedDetail(closedInfo({ client: 'none', detail: '5 s old' }), false)).toBe('5 s old: none / fin');
});

it('says nothing of a server that was never there', () => {
  const unreachable = closedInfo({
    cause: 'target-unreachable',
    clientGot: '503',
    detail: 'the origin cannot be reached (ECONNREFUSED)',
  });
  expect(closedDetail(unreachable, false)).toBe('the origin cannot be reached (ECONNREFUSED): 503');
  expect(closedDetail(closedInfo({ cause: 'refuse', client: 'rst', detail: 'rst' }), false)).toBe('rst: rst');
  expect(closedDetail(closedInfo({ cause: 'refuse', clientGot: '429', server: 'none' }), false)).toBe('429 / none');
});

it('says that an end is assumed, and never so of an answer', () => {
  expect(closedDetail(closedInfo({ detail: '60 s without a byte' }), true)).toBe('60 s without a byte: fin, assumed');
  expect(closedDetail(closedInfo({ clientGot: '504' }), true)).toBe('504 / fin');
});

it.each([
  [{ client: 'rst' }, 'the client was reset'],
  [{ client: 'fin' }, 'the client got FIN'],
  [{ client: 'fin', clientGot: '502' }, 'the client got 502'],
] as const)('tells of an unreachable target what became of the client: %o', (end, words) => {
  const { message, hint } = unreachableNotice(closedInfo({ ...end, detail: 'ECONNREFUSED' }));
  expect(message).toBe(`The path cannot reach the target (ECONNREFUSED); ${words}.`);
  expect(hint).toBeUndefined();
});

it('knows a way out where a certificate is not trusted', () => {
  expect(unreachableNotice(closedInfo({ detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' })).hint).toMatch(/NODE_EXTRA_CA_CERTS/);
});
