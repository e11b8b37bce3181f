import { describe, expect, it } from 'vitest';
import { readDialectDocument } from '../../../src/shared/dialect/document.ts';
import { asksForCursor, fillUrl, planRequest } from '../../../src/shared/dialect/plan.ts';
import type { Dialect } from '../../../src/shared/dialect/model.ts';
import { NoValue } from '../../../src/shared/dialect/template.ts';

const dialect = (block: string, method = 'sse'): Dialect => {
  const { dialect: read, problems } = readDialectDocument(`dialect: 2\nmethods: {${method}: ${block}}`);
  expect(problems).toEqual([]);
  return read!;
};
const values =
  (given: Record<string, string> = {}) =>
  (name: string) =>
    given[name];
const URL_ = 'http://h/s?keep=1';

describe('the request of an attempt', () => {
  it('is an EventSource’s where the dialect says nothing', () => {
    const d = dialect('{}');
    expect(planRequest(d, 'sse', URL_, { cursor: '7', resume: true }, values())).toMatchObject({
      url: URL_,
      headers: { 'last-event-id': '7' },
      cursor: '7',
    });
  });

  it('lays resume over first, key by key, and sends nothing beside it', () => {
    const d = dialect("{first: {query: {a: 1, b: 2}, headers: {x: y}}, resume: {query: {b: null, since: '{cursor}'}}}");
    expect(planRequest(d, 'sse', URL_, { cursor: null, resume: false }, values())).toMatchObject({
      url: 'http://h/s?keep=1&a=1&b=2',
      headers: { x: 'y' },
      cursor: null,
    });
    expect(planRequest(d, 'sse', URL_, { cursor: 'c&d', resume: true }, values())).toMatchObject({
      url: 'http://h/s?keep=1&a=1&since=c%26d',
      headers: { x: 'y' },
      cursor: 'c&d',
    });
  });

  it('never asks where the server cannot replay', () => {
    const d = dialect('{resume: none}');
    expect(asksForCursor(d, 'sse')).toBe(false);
    expect(planRequest(d, 'sse', URL_, { cursor: '7', resume: true }, values())).toMatchObject({
      headers: {},
      cursor: null,
    });
  });

  it('sends a body as JSON, leaving out what has no value', () => {
    const d = dialect("{first: {body: {op: sub, from: '{cursor?}', n: '{cursor?:number}'}}}");
    const first = planRequest(d, 'sse', URL_, { cursor: null, resume: false }, values());
    expect(first).toMatchObject({
      method: 'POST',
      body: '{"op":"sub"}',
      headers: { 'content-type': 'application/json' },
    });
    const later = planRequest(d, 'sse', URL_, { cursor: '42', resume: true }, values());
    expect(later.body).toBe('{"op":"sub","from":"42","n":42}');
  });

  it('fills open messages, and names what has no value', () => {
    const d = dialect("{open: [{send: {op: subscribe, from: '{cursor?}', key: '{var.key}'}}]}", 'websocket');
    expect(() => planRequest(d, 'websocket', 'ws://h/', { cursor: null, resume: false }, values())).toThrow(NoValue);
    const given = values({ 'var.key': 'k' });
    expect(planRequest(d, 'websocket', 'ws://h/', { cursor: null, resume: false }, given).open).toEqual([
      { send: '{"op":"subscribe","key":"k"}', step: 0 },
    ]);
    expect(planRequest(d, 'websocket', 'ws://h/', { cursor: '9', resume: true }, given)).toMatchObject({
      open: [{ send: '{"op":"subscribe","from":"9","key":"k"}' }],
      cursor: '9',
    });
  });

  it('leaves other braces in a text body alone', () => {
    const d = dialect("{first: {body: 'subscription {greetings {id}}'}}");
    expect(planRequest(d, 'sse', URL_, { cursor: null, resume: false }, values()).body).toBe(
      'subscription {greetings {id}}',
    );
  });

  it('makes URLs from templates, and leaves out a parameter without a value', () => {
    const given = values({ base: 'http://h/app', channel: 'a b', cursor: '1+2' });
    expect(fillUrl('{base}/ws/{channel}?since={cursor?}&x=1', given)).toBe('http://h/app/ws/a%20b?since=1%2B2&x=1');
    expect(fillUrl('{base}/ws?since={cursor?}', values({ base: 'http://h' }))).toBe('http://h/ws');
  });
});
