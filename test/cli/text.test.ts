import { describe, expect, it } from 'vitest';
import { observationLine } from '../../src/cli/text/observation-line.ts';
import { paint } from '../../src/cli/text/paint.ts';
import { RunReporter } from '../../src/cli/text/run-reporter.ts';
import { summaryTable } from '../../src/cli/text/summary.ts';
import { table } from '../../src/cli/text/table.ts';
import { problemsText } from '../../src/cli/text/problems.ts';
import { bytes, ms, number, share, span, humanDurations } from '../../src/cli/text/units.ts';
import { newTally, summarise } from '../../src/shared/measure/tally.ts';
import type { Fact } from '../../src/shared/observation.ts';

const plain = paint(false);
const line = (fact: Fact, lane: string | null = 'sse'): string | null =>
  observationLine({ v: 1, n: 1, at: 12_345, lane, ...fact }, 0, plain);

describe('numbers for people', () => {
  it.each([
    [ms(null), '–'],
    [ms(0), '0 ms'],
    [ms(999.4), '999 ms'],
    [ms(9876), '9880 ms'],
    [ms(12_345), '12.3 s'],
    [ms(250_000), '4 min 10 s'],
    [ms(7_260_000), '2 h 1 min'],
    [bytes(null), '–'],
    [bytes(84), '84 B'],
    [bytes(1024), '1 KiB'],
    [bytes(1_300_000), '1.24 MiB'],
    [number(12_400), '12,400'],
    [number(null), '–'],
    [span(250), '250 ms'],
    [span(5000), '5 s'],
    [span(90_000), '90 s'],
    [span(300_000), '5 min'],
    [humanDurations('down for 5000ms'), 'down for 5 s'],
    [humanDurations('p95 < 250ms'), 'p95 < 250ms'],
    [share(1, 3), '33.3 %'],
    [share(0, 0), '–'],
  ])('%s', (got, want) => expect(got).toBe(want));
});

describe('a line as it happens', () => {
  it('names the idle limit of a path once', () => {
    const path: Fact = { type: 'path', via: ['aws-alb'], label: 'AWS ALB, idle limit 1 m', idleLimitMs: 60_000 };
    expect(line(path, null)?.match(/idle limit/g)).toHaveLength(1);
  });

  it('tells a drop by what was seen, what caused it and who', () => {
    expect(line({ type: 'drop', evidence: 'fin', cause: 'idle-limit', by: 'path', silence: 10_000, detected: 2 })).toBe(
      '   12.345 s  sse            drop       fin (idle-limit) by the path after 10.0 s of silence',
    );
    expect(line({ type: 'drop', evidence: 'rst', by: 'unknown', silence: 5, detected: null })).toContain(
      'by whom cannot be known',
    );
    expect(line({ type: 'drop', evidence: 'refused', by: 'unknown', silence: 0, detected: null })).toMatch(/refused$/);
  });

  it('tells of what was not understood, not of a silence that says nothing of it', () => {
    const drop: Fact = { type: 'drop', evidence: 'protocol', by: 'client', silence: 3, detected: null };
    expect(line({ ...drop, detail: 'what answers there does not speak HTTP' })).toMatch(
      /drop +protocol error – what answers there does not speak HTTP$/,
    );
  });

  it('tells a setting in the units people use', () => {
    expect(line({ type: 'setting', name: 'heartbeat', value: '5000ms' }, null)).toMatch(/heartbeat: 5 s$/);
  });

  it('never says 0 for what cannot be known', () => {
    const resume: Fact = {
      type: 'resume',
      sent: 'x',
      first: null,
      missed: null,
      repeated: 0,
      epochChanged: false,
      after: 'fin',
    };
    expect(line(resume)).toContain('missed cannot know');
  });

  it('leaves out what only machines care for', () => {
    expect(line({ type: 'heartbeat', kind: 'comment', dir: 'in' })).toBeNull();
    expect(line({ type: 'traffic', bytesIn: 1, bytesOut: 1 })).toBeNull();
    expect(line({ type: 'state', from: 'open', to: 'open', phase: 'held', reason: 'phase' })).toBeNull();
  });
});

describe('a table', () => {
  it('lines up, whatever the colours', () => {
    expect(
      table([
        ['a', '1'],
        ['bbb', paint(true)('red', '22')],
      ]),
    ).toBe('  a      1\n  bbb   \x1b[31m22\x1b[39m');
    expect(
      table(
        [
          ['a', 'x', 'y'],
          ['b', 'longer', 'z'],
        ],
        'left',
      ),
    ).toBe('  a   x        y\n  b   longer   z');
  });

  it('shows unknown as unknown', () => {
    const tally = newTally('sse', 'u');
    const unopened = summaryTable({ sse: summarise(tally, 0) });
    for (const count of ['events, new', 'repeated', 'missed']) expect(unopened).toMatch(new RegExp(`${count} +–`));
    tally.availability.everOpened = true;
    tally.continuity.missed = null;
    tally.continuity.repeatsKnown = false;
    const text = summaryTable({ sse: summarise(tally, 0) });
    expect(text).toMatch(/missed +cannot know/);
    expect(text).toMatch(/repeated +cannot know/);
    expect(text).toMatch(/latency p50 +–/);
    expect(summaryTable({})).toContain('No lanes');
    const ids = Array.from({ length: 20 }, (_, i) => `lane-${i + 1}`);
    const many = summaryTable(Object.fromEntries(ids.map((id) => [id, summarise(tally, 0)])));
    for (const id of ids) expect(many).toContain(id);
    for (const one of many.split('\n')) expect(one.length).toBeLessThan(160); // no line breaks in a usual window
  });
});

describe('what is wrong with a scenario', () => {
  const problems = (n: number) => Array.from({ length: n }, (_, i) => ({ line: i + 1, key: '', message: 'Bad.' }));

  it('is told in full, a line each', () => {
    expect(problemsText('a.yaml', problems(2))).toEqual(['a.yaml:1: Bad.', 'a.yaml:2: Bad.']);
  });

  it('is told once where everything is', () => {
    expect(problemsText('README.md', problems(21))).toEqual([
      expect.stringMatching(/^README.md is no scenario\./),
      'README.md:1: Bad.',
      'README.md:2: Bad.',
      'README.md:3: Bad.',
      '… and 18 more',
    ]);
  });
});

describe('an error is told once', () => {
  it('when a notice and the drop it explains come together', () => {
    const messages: string[] = [];
    const text = new RunReporter({
      json: false,
      colour: false,
      backlog: 0,
      record: () => {},
      text: (line) => messages.push(line),
      stderr: () => {},
    });
    const at = { v: 1, n: 1, at: 0, lane: 'sse' } as const;
    const message = 'The server answers text/html, not JSON.';
    text.observe({ ...at, type: 'notice', level: 'error', code: 'not-json', message, hint: 'Check the URL.' });
    const drop = { ...at, type: 'drop', evidence: 'protocol', by: 'server', silence: 0, detected: null } as const;
    text.observe({ ...drop, detail: 'answers text/html, not JSON' });
    text.observe({ ...drop, detail: 'something else' });
    expect(messages.map((line) => line.slice(28))).toEqual([
      'error      The server answers text/html, not JSON. Check the URL.',
      'drop       protocol error',
      'drop       protocol error – something else',
    ]);
  });
});

describe('text that is read more slowly than events come', () => {
  it('counts the events it leaves out, and shows them again once all has been read', () => {
    const messages: string[] = [];
    const out = {
      json: false,
      colour: false,
      backlog: 0,
      record() {},
      stderr() {},
      text: (l: string) => messages.push(l),
    };
    const text = new RunReporter(out);
    const at = { v: 1, n: 1, at: 0, lane: 'sse' } as const;
    const event = (id: string): void =>
      text.observe({
        ...at,
        type: 'event',
        cursor: id,
        id,
        event: 't',
        bytes: 1,
        latency: null,
        duplicate: false,
        data: '',
      });
    event('shown');
    out.backlog = 2 * 1024 * 1024;
    for (let i = 0; i < 1200; i++) event('left out');
    text.observe({ ...at, type: 'drop', evidence: 'fin', by: 'server', silence: 0, detected: null });
    out.backlog = 0;
    event('shown again');
    expect(messages).toEqual([
      expect.stringMatching(/ shown$/),
      expect.stringContaining(' drop '),
      '1,200 events are not shown: this text is read more slowly than they come.',
      expect.stringMatching(/ shown again$/),
    ]);
  });
});

describe('what came over a wire', () => {
  it('is shown, not obeyed: no control character reaches the terminal', () => {
    const drop = {
      v: 1,
      n: 1,
      at: 0,
      lane: 'websocket',
      type: 'drop',
      evidence: 'close:4999',
      by: 'server',
      silence: 0,
      detected: null,
      detail: '\u001b[2Jhi\nthere\u009b1m',
    } as const;
    const line = observationLine(drop, 0, (_colour, text) => text)!;
    expect(line).toContain('[2Jhi');
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    expect(line).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
  });
});
