import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METHODS } from '../../../src/shared/catalog.ts';
import { parseDuration } from '../../../src/shared/duration.ts';
import { readScenario } from '../../../src/shared/scenario/read.ts';
import {
  addExpect,
  addStep,
  copyStep,
  moveStep,
  removeExpect,
  removeStep,
  resizeStep,
  setDuration,
  setExpect,
  setField,
  setLanes,
  setPath,
  setServer,
  setStepField,
} from '../../../src/shared/storyboard/edits.ts';

const TEXT = `# a lift
name: Lift   # as it is called
timeScale: 10
server: { workload: none }
lanes:
  - method: sse
    ping: off # of its own
  - method: long-polling

schedule:
  # between two floors
  - { at: 5s, do: offline, for: 3s } # short
  - at: 12s
    do: fault
    via: "black-hole"
    for: 3s

  # the garage
  - { at: 35s, do: fault, via: 'latency:delay=400ms,jitter=200ms+bandwidth:rate=4KiB' }
duration: 60s
expect:
  - missed == 0
  # twice
  - sse: drops == 2
`;

/** Lines that went, and lines that came. */
function diff(a: string, b: string): { gone: string[]; came: string[] } {
  const [was, is] = [a.split('\n'), b.split('\n')];
  let head = 0;
  while (head < Math.min(was.length, is.length) && was[head] === is[head]) head++;
  let tail = 0;
  while (tail < Math.min(was.length, is.length) - head && was.at(-1 - tail) === is.at(-1 - tail)) tail++;
  return { gone: was.slice(head, was.length - tail), came: is.slice(head, is.length - tail) };
}
const only = (gone: string[], came: string[]) => ({ gone, came });

describe('an edit changes its own line', () => {
  it.each([
    ['moves a step', moveStep(TEXT, 0, 7500), only(['  - { at: 5s, do: offline, for: 3s } # short'], ['  - { at: 7.5s, do: offline, for: 3s } # short'])],
    ['moves a step of many lines', moveStep(TEXT, 1, 120_000), only(['  - at: 12s'], ['  - at: 2m'])],
    ['resizes', resizeStep(TEXT, 1, 1500), only(['    for: 3s'], ['    for: 1.5s'])],
    ['gives an open one an end', resizeStep(TEXT, 2, 4000), only(["  - { at: 35s, do: fault, via: 'latency:delay=400ms,jitter=200ms+bandwidth:rate=4KiB' }"], ["  - { at: 35s, do: fault, via: 'latency:delay=400ms,jitter=200ms+bandwidth:rate=4KiB', for: 4s }"])],
    ['takes an end off', resizeStep(TEXT, 0, null), only(['  - { at: 5s, do: offline, for: 3s } # short'], ['  - { at: 5s, do: offline } # short'])],
    ['takes a line off', resizeStep(TEXT, 1, null), only(['    for: 3s'], [])],
    ['keeps to quotes only where they are needed', setStepField(TEXT, 1, 'via', 'latency:delay=1s,jitter=1s'), only(['    via: "black-hole"'], ["    via: 'latency:delay=1s,jitter=1s'"])],
    ['adds a step where its time is', addStep(TEXT, { at: 20_000, do: 'cut' }).text, only([], ['  - { at: 20s, do: cut }'])],
    ['adds the first in time above the others', addStep(TEXT, { at: 0, do: 'cut' }).text, only([], ['  - { at: 0s, do: cut }'])],
    ['removes a step, with the comment on its line', removeStep(TEXT, 0), only(['  - { at: 5s, do: offline, for: 3s } # short'], [])],
    ['removes a step of many lines', removeStep(TEXT, 1), only(['  - at: 12s', '    do: fault', '    via: "black-hole"', '    for: 3s'], [])],
    ['copies a step', copyStep(TEXT, 0, 9000).text, only([], ['  - { at: 9s, do: offline, for: 3s }'])],
    ['sets the duration', setDuration(TEXT, 95_000), only(['duration: 60s'], ['duration: 95s'])],
    ['sets the name', setField(TEXT, 'name', 'Lift: up'), only(['name: Lift   # as it is called'], ["name: 'Lift: up'   # as it is called"])],
    ['sets a seed that was not there', setField(TEXT, 'seed', 7), only([], ['seed: 7'])],
    ['takes the time scale out', setField(TEXT, 'timeScale', undefined), only(['timeScale: 10'], [])],
    ['sets a value of the server', setServer(TEXT, 'heartbeat', '15s'), only(['server: { workload: none }'], ['server: { workload: none, heartbeat: 15s }'])],
    ['takes the last value of the server with it', setServer(TEXT, 'workload', undefined), only(['server: { workload: none }'], [])],
    ['begins with a path', setPath(TEXT, ['nginx-tuned']), only([], ['path: [nginx-tuned]'])],
    ['adds lanes', setLanes(TEXT, 'sse', 3), only([], ['  - method: sse', '  - method: sse'])],
    ['removes a lane', setLanes(TEXT, 'sse', 0), only(['  - method: sse', '    ping: off # of its own'], [])],
    ['adds a check', addExpect(TEXT, 'sse, long-polling:  behind ==  0'), only([], ['  - sse, long-polling: behind == 0'])],
    ['changes a check', setExpect(TEXT, 1, 'sse: drops == 3'), only(['  - sse: drops == 2'], ['  - sse: drops == 3'])],
    ['removes a check', removeExpect(TEXT, 0), only(['  - missed == 0'], [])],
  ])('%s', (_, after, change) => {
    expect(diff(TEXT, after)).toEqual(change);
    expect(readScenario(parse(after)).scenario).not.toBeNull();
  }); // prettier-ignore

  it('says which step is the new one', () => {
    expect(addStep(TEXT, { at: 20_000, do: 'cut' }).index).toBe(2);
    expect(addStep(TEXT, { at: 0, do: 'cut' }).index).toBe(0);
    expect(addStep(TEXT, { at: 50_000, do: 'cut' }).index).toBe(3);
  });

  it('leaves a text alone when it says so already', () => {
    expect(moveStep(TEXT, 0, 5000)).toBe(TEXT);
    expect(setField(TEXT, 'seed', undefined)).toBe(TEXT);
    expect(setPath(TEXT, [])).toBe(TEXT);
    expect(setLanes(TEXT, 'sse', 1)).toBe(TEXT);
  });
});

describe('lists that begin and end', () => {
  const bare = 'name: a\nlanes: [{ method: sse }]\nduration: 10s\n';

  it('a schedule comes with its first step and says that it is empty after the last', () => {
    const one = addStep(bare, { at: 1000, do: 'cut' }).text;
    expect(one).toBe('name: a\nlanes: [{ method: sse }]\nschedule:\n  - { at: 1s, do: cut }\nduration: 10s\n');
    const none = removeStep(one, 0);
    expect(none).toBe('name: a\nlanes: [{ method: sse }]\nschedule: []\nduration: 10s\n');
    expect(addStep(none, { at: 1000, do: 'cut' }).text).toBe(one);
  });

  it('a comment above the only step stays', () => {
    const text = 'name: a\nlanes: [{ method: sse }]\nschedule:\n  # why\n  - { at: 1s, do: cut }\nduration: 10s\n';
    expect(removeStep(text, 0)).toContain('# why');
    expect(parse(removeStep(text, 0))).toMatchObject({ schedule: [], duration: '10s' });
  });

  it('checks come with the first', () => {
    const one = addExpect(bare, 'sse: missed == 0');
    expect(one).toBe(`${bare}expect:\n  - sse: missed == 0\n`);
    expect(parse(removeExpect(one, 0))).toMatchObject({ expect: [] });
  });

  it('keeps to brackets where there are brackets', () => {
    expect(setLanes(bare, 'websocket', 1)).toContain('lanes: [{ method: sse }, { method: websocket }]');
    const flow = `${bare}path: [a, b]\nexpect: ['drops == 0']\n`;
    expect(setPath(flow, ['a', 'c', 'd'])).toContain('path: [a, c, d]');
    expect(setPath(flow, ['a'])).toContain('path: [a]');
    expect(addExpect(flow, 'sse: gaps == 0')).toContain(`expect: [drops == 0, 'sse: gaps == 0']`.replace('drops == 0', `'drops == 0'`)); // prettier-ignore
  });

  it('an end without a newline is no hindrance', () => {
    const text = 'name: a\nlanes: [{ method: sse }]\nduration: 10s\nschedule:\n  - { at: 1s, do: cut }';
    expect(addStep(text, { at: 2000, do: 'cut' }).text).toBe(`${text}\n  - { at: 2s, do: cut }`);
    expect(removeStep(addStep(text, { at: 2000, do: 'cut' }).text, 1)).toBe(text);
  });

  it('Windows line ends stay', () => {
    const text = TEXT.replaceAll('\n', '\r\n');
    const after = removeStep(addStep(moveStep(text, 0, 6000), { at: 20_000, do: 'cut' }).text, 1);
    expect(after.split('\r\n').length).toBe(after.split('\n').length);
    expect(parse(after)).toMatchObject({ schedule: [{ at: '6s' }, { do: 'cut' }, { at: '35s' }] });
  });
});

describe('what it does not dare', () => {
  it('a text that is no YAML', () => {
    expect(() => moveStep('name: [', 0, 1)).toThrow('cannot be read');
  });
  it('an entry that stands for others too', () => {
    const text = 'name: a\nlanes: [{ method: sse }]\nduration: 10s\nschedule:\n  - &c { at: 1s, do: cut }\n  - *c\n';
    expect(() => moveStep(text, 0, 2000)).toThrow('only be changed by hand');
  });
  it('a step that is not there', () => {
    expect(() => moveStep(TEXT, 9, 2000)).toThrow('no schedule.9');
  });
});

describe('styles of others', () => {
  it('a list that is not indented', () => {
    const text = 'name: a\nlanes:\n- method: sse\nschedule:\n- at: 1s\n  do: cut\n# after it\nduration: 10s\n';
    expect(addStep(text, { at: 2000, do: 'cut' }).text).toContain('  do: cut\n- { at: 2s, do: cut }\n# after it\n');
    expect(removeStep(addStep(text, { at: 2000, do: 'cut' }).text, 0)).toContain('schedule:\n- { at: 2s, do: cut }\n# after it');
    expect(setLanes(text, 'websocket', 1)).toContain('- method: sse\n- method: websocket\n');
  }); // prettier-ignore

  it('a map in braces over several lines, with a word on each', () => {
    const text = `name: a
lanes: [{ method: sse }]
schedule:
  - { at: 1s, # early
      do: fault,
      via: slice, # in pieces
      for: 3s } # then whole
duration: 10s
`;
    const open = resizeStep(text, 0, null);
    for (const word of ['# early', '# in pieces', '# then whole']) expect(open).toContain(word);
    expect(parse(open)).toMatchObject({ schedule: [{ at: '1s', do: 'fault', via: 'slice' }] });
    expect(moveStep(text, 0, 2000)).toBe(text.replace('at: 1s', 'at: 2s'));
    expect(setStepField(text, 0, 'via', 'latency')).toBe(text.replace('slice', 'latency'));
  });

  it('JSON', () => {
    const text = '{"name":"a","lanes":[{"method":"sse"}],"schedule":[{"at":"1s","do":"cut"}],"duration":"10s"}';
    const more = addStep(moveStep(text, 0, 2000), { at: 5000, do: 'cut' }).text;
    expect(parse(more)).toMatchObject({
      schedule: [
        { at: '2s', do: 'cut' },
        { at: '5s', do: 'cut' },
      ],
    });
    expect(parse(addExpect(more, 'sse: missed == 0'))).toMatchObject({ expect: [{ sse: 'missed == 0' }] });
  });

  it('text that only looks like a comment', () => {
    const text = setStepField(TEXT, 1, 'data', 'a # b');
    expect(parse(text)).toMatchObject({ schedule: [{}, { data: 'a # b' }, {}] });
    expect(parse(setStepField(text, 1, 'data', 'plain'))).toMatchObject({ schedule: [{}, { data: 'plain' }, {}] });
  });

  it('a list whose items have their reasons', () => {
    const text = 'name: a\nlanes: [{ method: sse }]\npath:\n  - nginx # in front\n  # behind it\n  - slice\nduration: 10s\n';
    expect(setPath(text, ['nginx', 'latency'])).toBe(text.replace('slice', 'latency'));
    expect(setPath(text, ['haproxy'])).toContain('  - haproxy # in front\n  # behind it\n');
  }); // prettier-ignore

  it('values over several lines', () => {
    const text = 'name: >\n  two\n  words\nlanes: [{ method: sse }]\nduration: 10s # short\n';
    expect(setField(text, 'name', 'one')).toBe('name: one\nlanes: [{ method: sse }]\nduration: 10s # short\n');
  });
});

/** Any edit of the visual editor, on the schedule and around it. */
const edit = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), step: fc.nat(30), ms: fc.integer({ min: 0, max: 600_000 }) }),
  fc.record({ kind: fc.constant('size' as const), step: fc.nat(30), ms: fc.integer({ min: 1, max: 600_000 }) }),
  fc.record({ kind: fc.constant('add' as const), step: fc.nat(30), ms: fc.integer({ min: 0, max: 600_000 }) }),
  fc.record({ kind: fc.constant('remove' as const), step: fc.nat(30), ms: fc.constant(0) }),
  fc.record({ kind: fc.constant('data' as const), step: fc.nat(30), ms: fc.nat(1000) }),
  fc.record({ kind: fc.constant('lanes' as const), step: fc.nat(30), ms: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('server' as const), step: fc.nat(30), ms: fc.integer({ min: 10, max: 90_000 }) }),
);

const SHIPPED = readdirSync('scenarios')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(`scenarios/${file}`, 'utf8'));

interface Plain {
  schedule: Record<string, unknown>[];
  lanes: { method: string }[];
  server?: Record<string, unknown>;
  [key: string]: unknown;
}

describe('any row of edits, on any shipped file', () => {
  it('changes only what it says, and comments stay', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHIPPED), fc.array(edit, { maxLength: 8 }), fc.string(), (file, edits, word) => {
        let text = file;
        for (const { kind, step, ms } of edits) {
          const was = parse(text) as Plain;
          const n = was.schedule.length;
          const i = n === 0 ? 0 : step % n;
          if (n === 0 && kind !== 'add') continue;
          const method = METHODS[step % 4]!;
          if (kind === 'move') text = moveStep(text, i, ms);
          if (kind === 'size') text = resizeStep(text, i, ms);
          if (kind === 'add') text = addStep(text, { at: ms, do: 'cut' }).text;
          if (kind === 'remove') text = removeStep(text, i);
          if (kind === 'data') text = setStepField(text, i, 'data', word);
          if (kind === 'lanes') text = setLanes(text, method, ms);
          if (kind === 'server') text = setServer(text, 'heartbeat', `${ms}ms`);
          const is = parse(text) as Plain;
          const { schedule: a, lanes: la, server: sa, ...restA } = was;
          const { schedule: b, lanes: lb, server: sb, ...restB } = is;
          expect(restB).toEqual(restA);
          if (kind !== 'lanes') expect(lb).toEqual(la);
          else expect(lb.filter((l) => l.method !== method)).toEqual(la.filter((l) => l.method !== method));
          if (kind !== 'server') expect(sb).toEqual(sa);
          if (kind === 'move' || kind === 'size' || kind === 'data') {
            const key = { move: 'at', size: 'for', data: 'data' }[kind];
            expect(b.map((s, k) => (k === i ? { ...s, [key]: 0 } : s))).toEqual(a.map((s, k) => (k === i ? { ...s, [key]: 0 } : s))); // prettier-ignore
            if (kind === 'data') expect(b[i]!['data']).toBe(word);
            else expect(parseDuration(String(b[i]![key]))).toBe(ms);
          }
          if (kind === 'add') expect(b.filter((s) => !(s['do'] === 'cut' && parseDuration(String(s['at'])) === ms))).toEqual(a.filter((s) => !(s['do'] === 'cut' && parseDuration(String(s['at'])) === ms))); // prettier-ignore
          if (kind === 'remove') expect(b).toEqual(a.filter((_, k) => k !== i));
        }
        // comments on lines of their own, with their words, in their order
        const comments = (t: string): string[] => t.split('\n').filter((l) => /^\s*#/.test(l));
        expect(comments(text)).toEqual(comments(file));
      }),
      { numRuns: 150 },
    );
  });
});
