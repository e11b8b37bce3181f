import { expect, it } from 'vitest';
import { checkTemplates } from '../../../src/engine/run/template-check.ts';
import { dialectFrom } from '../../helpers/dialect.ts';

const lanes = [{ method: 'websocket' as const, url: 'ws://h/x' }];
const check = (block: string, start: string | null = null, values: Record<string, string> = {}): void =>
  checkTemplates(
    dialectFrom(`methods: {websocket: ${block}, sse: {first: {query: {a: '{var.unused}'}}}}`),
    lanes,
    start,
    (name) => values[name],
  );

it.each([
  ["{open: [{send: {from: '{cursor}'}}]}", 'Write {cursor?} to leave its key out where there is none.'],
  ["{first: {query: {k: '{var.key}'}}}", 'Give it with --var key=VALUE, or among the variables of the endpoint.'],
  ["{first: {headers: {authorization: 'Bearer {token}'}}}", 'Give one with --token, --token-cmd or --token-url.'],
])('%s is refused before anything is sent', (block, hint) => {
  expect(() => check(block)).toThrow(expect.objectContaining({ code: 'no-value', exit: 2, hint }));
});

it('what has a value, may be left out, or is not used is fine', () => {
  check("{open: [{send: {from: '{cursor}'}}]}", '7');
  check("{open: [{send: {from: '{cursor?}', k: '{var.key}'}}]}", null, { 'var.key': 'v' });
  check("{resume: {query: {since: '{cursor}'}}}");
});
