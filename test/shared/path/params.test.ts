import { idleTimeout } from '../../../src/shared/path/faults/idle-timeout.ts';
import { describe, expect, it } from 'vitest';
import { defaultsOf, parseParam, type FaultInfo, type Param } from '../../../src/shared/path/params.ts';
import { formatFault, parseVia } from '../../../src/shared/path/text.ts';
import { nearest } from '../../../src/shared/nearest.ts';

const info: FaultInfo = {
  id: 'idle-timeout',
  label: 'Idle timeout',
  what: 'x',
  params: {
    after: { kind: 'duration', label: 'After', default: 60_000, min: 1, max: 3_600_000 },
    end: { kind: 'choice', label: 'End', default: 'fin', options: { fin: 'FIN', rst: 'RST' } },
    rate: { kind: 'size', label: 'Rate', default: 1024, min: 1 },
  },
};

describe('a path as typed', () => {
  it('is steps joined by +, each with its values', () => {
    expect(parseVia('latency:delay=100ms,jitter=20ms+idle-timeout:after=60s,end=rst')).toEqual([
      { name: 'latency', params: { delay: '100ms', jitter: '20ms' } },
      { name: 'idle-timeout', params: { after: '60s', end: 'rst' } },
    ]);
    expect(parseVia('nginx-1.30')).toEqual([{ name: 'nginx-1.30', params: {} }]);
    expect(parseVia(' a: + b:x = 1 ')).toEqual([
      { name: 'a', params: {} },
      { name: 'b', params: { x: '1' } },
    ]);
    expect(parseVia('')).toEqual([]);
  });

  it.each(['Nginx', 'a b', 'latency:delay', 'latency:=5', ':x=1', 'a/../b'])(
    'is refused when it is none: %j',
    (text) => {
      expect(() => parseVia(text)).toThrow(expect.objectContaining({ code: 'bad-via', place: '--via', exit: 2 }));
    },
  );

  it('is written without what is as by default, and reads back', () => {
    const values = { ...defaultsOf(idleTimeout.params), after: 10_000 };
    expect(formatFault(idleTimeout, values)).toBe('idle-timeout:after=10s');
    expect(parseVia(formatFault(idleTimeout, values))).toEqual([{ name: 'idle-timeout', params: { after: '10s' } }]);
  });
});

describe('a value', () => {
  const after = info.params['after'] as Param;
  it('is read by its kind', () => {
    expect(parseParam(after, '10s', 'x')).toBe(10_000);
    expect(parseParam(info.params['rate']!, '64KiB', 'x')).toBe(65_536);
    expect(parseParam(info.params['end']!, 'rst', 'x')).toBe('rst');
    expect(parseParam({ kind: 'number', label: 'n', default: 1 }, '0.5', 'x')).toBe(0.5);
  });

  it.each<[Param, string, string]>([
    [after, '0ms', 'between 1ms and 1h'],
    [after, '2h', 'between 1ms and 1h'],
    [info.params['rate']!, '0', 'at least 1B'],
    [info.params['end']!, 'toString', 'fin, rst'],
    [{ kind: 'number', label: 'n', default: 1 }, '', ''],
    [{ kind: 'number', label: 'n', default: 1 }, 'five', ''],
  ])('out of bounds is refused by place, with what would do: %#', (param, text, hint) => {
    try {
      parseParam(param, text, '--via x:y');
    } catch (error) {
      expect(error).toMatchObject({ place: '--via x:y', exit: 2 });
      expect((error as { hint?: string }).hint ?? '').toContain(hint);
      return;
    }
    throw new Error('was taken');
  });
});

it('the nearest name is near, or nobody', () => {
  expect(nearest('latancy', ['latency', 'bandwidth'])).toBe('latency');
  expect(nearest('ws', ['websocket', 'sse'])).toBe('sse');
  expect(nearest('quite-something-else', ['latency'])).toBeNull();
});
