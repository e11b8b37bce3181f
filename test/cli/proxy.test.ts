import { describe, expect, it } from 'vitest';
import { ProxyReporter } from '../../src/cli/text/proxy-reporter.ts';
import { readProxiesFile } from '../../src/engine/proxy-server/proxies-file.ts';
import type { Failure } from '../../src/shared/failure.ts';
import type { Fact, Observation } from '../../src/shared/observation.ts';
import type { Out } from '../../src/cli/process/out.ts';

function collectingOut(json: boolean): { out: Out; lines: string[]; records: Observation[] } {
  const lines: string[] = [];
  const records: Observation[] = [];
  const out: Out = {
    json,
    colour: false,
    backlog: 0,
    record: (record) => json && records.push(record as Observation),
    text: (line) => lines.push(line),
    stderr: (line) => lines.push(line),
  };
  return { out, lines, records };
}

let n = 0;
const at = (ms: number, fact: Fact, lane: string | null = 'api'): Observation => ({
  v: 1,
  n: ++n,
  at: 1000 + ms,
  lane,
  ...fact,
});
const closed: Fact = { type: 'connection', action: 'close', port: 40_000, age: 1250, bytes: { up: 79, down: 2048 } };

describe('what a proxy says', () => {
  it('waits until it has been said where to go, and leaves out what that said', () => {
    const { out, lines } = collectingOut(false);
    const text = new ProxyReporter(out, 1000);
    text.observe(at(0, { type: 'path', via: [], label: 'Direct', idleLimitMs: null }));
    text.observe(at(1, { type: 'notice', level: 'info', code: 'proxy-created', message: 'x leads to y.' }));
    text.observe(at(2, { type: 'notice', level: 'warn', code: 'other', message: 'Something else.' }));
    expect(lines).toEqual([]);
    text.begin();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('Something else.');
  });

  it('is one line a connection, with who, how long and how much', () => {
    const { out, lines } = collectingOut(false);
    const text = new ProxyReporter(out, 1000);
    text.begin();
    text.observe(at(500, { type: 'connection', action: 'open', port: 40_000, age: 0, bytes: { up: 0, down: 0 } }));
    text.observe(at(1750, closed));
    text.observe(at(1800, { type: 'path', via: [], label: 'Direct', idleLimitMs: null }));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' ').trim())).toEqual([
      '0.500 s api opened from port 40000',
      '1.750 s api closed from port 40000, after 1250 ms: 79 B up, 2 KiB down',
      '1.800 s api path direct',
    ]);
  });

  it('is a record for a program and no text', () => {
    const { out, lines, records } = collectingOut(true);
    const text = new ProxyReporter(out, 1000);
    text.begin();
    text.observe(at(1750, closed));
    expect(records).toMatchObject([{ v: 1, lane: 'api', ...closed }]);
    expect(lines).toEqual([]);
  });

  it('ends in a table', () => {
    const { out, lines } = collectingOut(false);
    const more = { target: 'http://h', connections: 3, bytesUp: 10, bytesDown: 20, unreachable: 1 };
    new ProxyReporter(out, 0).summary({ api: { ...more, ended: { 'idle-timeout': 2 } } });
    expect(lines.join('\n')).toMatch(/api +3 +10 B +20 B +idle-timeout 2 +1/);
  });
});

describe('a file of proxies', () => {
  const text =
    '[\n  {"name": "a", "target": "http://h"},\n  {"name": "b",\n   "target": "http://h",\n   "via": ["x"]}\n]\n';

  it('names file and line of a place', () => {
    const { list, place } = readProxiesFile(text, 'p.json');
    expect(list).toHaveLength(2);
    expect(place('[0].name')).toBe('p.json:2: [0].name');
    expect(place('[1].via[0]')).toBe('p.json:5: [1].via[0]');
    expect(place('[1].via[0] latency:delay')).toBe('p.json:5: [1].via[0] latency:delay');
    expect(place('[1].listen')).toBe('p.json:3: [1].listen'); // missing: what should have held it
  });

  it.each([
    ['[{"name": ]', 'p.json:1'],
    ['[\n{"name": "a",\n"target" "x"}]', 'p.json:'],
    ['{}', 'p.json:1'],
    ['', 'p.json:1'],
    ['just words', 'p.json:1'],
  ])('that is none says so: %j', (wrong, where) => {
    let failure: Failure | undefined;
    try {
      readProxiesFile(wrong, 'p.json');
    } catch (error) {
      failure = error as Failure;
    }
    expect(failure).toMatchObject({ code: 'bad-file', exit: 2, place: expect.stringContaining(where) as string });
  });
});
