import { describe, expect, it } from 'vitest';
import * as flag from '../../../src/cli/args/flags.ts';
import type { Failure } from '../../../src/shared/failure.ts';

const thrown = (read: () => unknown): Failure => {
  try {
    read();
  } catch (error) {
    return error as Failure;
  }
  throw new Error('was taken');
};

describe('a flag', () => {
  it.each<[string, () => unknown, unknown]>([
    ['port', () => flag.port('--port')('0'), 0],
    ['port', () => flag.port('--port')('65535'), 65_535],
    ['count', () => flag.count('--events')('200'), 200],
    ['duration', () => flag.duration('--for')('1.5m'), 90_000],
    ['off', () => flag.orNull(flag.durationOrOff('--ping')('off')), null],
    ['dead-after', () => flag.deadAfter('--dead-after')('auto'), 'auto'],
    ['dead-after', () => flag.deadAfter('--dead-after')('40s'), 40_000],
    ['rate', () => flag.rate('--rate')('30/m'), 0.5],
    ['on', () => flag.onOff('--pongs')('on'), true],
    ['scale', () => flag.timeScale('--time-scale')('×10'), 10],
    ['cors', () => flag.cors('--cors')('http://localhost:3000'), 'http://localhost:3000'],
    ['cors', () => flag.cors('--cors')('*'), '*'],
    ['header', () => flag.header('--header')('X-A:  b: c ', { y: '1' }), { y: '1', 'X-A': 'b: c' }],
    [
      'lane',
      () => flag.lane('--lane')('sse=http://h/x?a=b', [{ method: 'websocket', url: 'ws://h' }]),
      [
        { method: 'websocket', url: 'ws://h' },
        { method: 'sse', url: 'http://h/x?a=b' },
      ],
    ],
  ])('is read: %s', (_, read, value) => expect(read()).toEqual(value));

  it.each<[string, () => unknown]>([
    ['--port', () => flag.port('--port')('65536')],
    ['--port', () => flag.port('--port')('-1')],
    ['--port', () => flag.port('--port')('')],
    ['--port', () => flag.port('--port')('80x')],
    ['--events', () => flag.count('--events')('0')],
    ['--events', () => flag.count('--events')('1e3')],
    ['--for', () => flag.duration('--for')('10')],
    ['--for', () => flag.duration('--for')('0s')],
    ['--for', () => flag.duration('--for')('99d')],
    ['--ping', () => flag.durationOrOff('--ping')('never')],
    ['--rate', () => flag.rate('--rate')('0/s')],
    ['--rate', () => flag.rate('--rate')('5/y')],
    ['--pongs', () => flag.onOff('--pongs')('true')],
    ['--backoff', () => flag.oneOf('--backoff', ['full-jitter', 'equal', 'none'])('jitter')],
    ['--time-scale', () => flag.timeScale('--time-scale')('0')],
    ['--time-scale', () => flag.timeScale('--time-scale')('')],
    ['--cors', () => flag.cors('--cors')('localhost:3000')],
    ['--cors', () => flag.cors('--cors')('http://localhost:3000/path')],
    ['--header', () => flag.header('--header')('no colon')],
    ['--header', () => flag.header('--header')('A: b\r\nEvil: c')],
    ['--lane', () => flag.lane('--lane')('sse')],
    ['--lane', () => flag.lane('--lane')('sse=localhost')],
    ['--lane', () => flag.lane('--lane')('sse=ws://h/x')],
    ['--lane', () => flag.lane('--lane')('telepathy=http://h/x')],
    ['--channel', () => flag.channel('--channel')('a/b')],
  ])('that makes no sense is named, with a way out: %s', (name, read) => {
    const failure = thrown(read);
    expect(failure).toMatchObject({ place: name, exit: 2 });
    expect(failure.hint).toBeTruthy();
  });

  it('suggests the word that was meant', () => {
    expect(thrown(() => flag.method('--method')('web-socket')).hint).toContain('websocket');
  });
});
