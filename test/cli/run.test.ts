import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRun } from '../../src/cli/report/read-run.ts';
import { reportText } from '../../src/cli/report/report-text.ts';
import { junit } from '../../src/cli/report/junit.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'heartline-run-'));
  writeFileSync(join(dir, 'good.yaml'), GOOD);
  writeFileSync(join(dir, 'failing.yaml'), GOOD.replace('unique == 3', 'unique == 4'));
  writeFileSync(join(dir, 'bad.yaml'), `${GOOD.replace('do: cut', 'do: cutt').replace('missed', 'mised')}`);
  writeFileSync(join(dir, 'elsewhere.yaml'), ELSEWHERE);
  writeFileSync(join(dir, 'long.yaml'), GOOD.replace('duration: 12s', 'duration: 10m').replace('timeScale: 4', ''));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const GOOD = `name: a cut & what came of it
timeScale: 4
lanes:
  - method: sse
schedule:
  - { at: 1s, do: publish, count: 3 }
  - { at: 5s, do: cut }
duration: 12s
expect:
  - missed == 0
  - sse: unique == 3
  - drops.cut == 1
`;
const ELSEWHERE = `name: nobody home
target: { base: http://127.0.0.1:9 }
lanes:
  - method: sse
duration: 200ms
`;

interface CommandResult {
  code: number | null;
  out: string;
  err: string;
}

function heartline(args: string[], onOut: (text: string, kill: () => void) => void = () => {}): Promise<CommandResult> {
  const child = spawn(process.execPath, ['src/cli/index.ts', 'run', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
    onOut(out, () => child.kill('SIGINT'));
  });
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

it('finds that a recording cannot be made before anything begins, and leaves no file behind', async () => {
  const there = join(dir, 'there.heartline');
  writeFileSync(there, 'precious\n');
  for (const [file, code, words] of [
    [there, 2, 'There is a recording in this file already.'],
    [join(dir, 'nowhere', 'a.heartline'), 3, 'Its folder is not there.'],
  ] as const) {
    const xml = join(dir, 'never.xml');
    const ran = await heartline([join(dir, 'good.yaml'), '--record', file, '--junit', xml]);
    expect(ran).toMatchObject({ code, out: '' });
    expect(ran.err).toContain(`--record: ${file}: ${words}`);
    expect(existsSync(xml)).toBe(false);
  }
  expect(readFileSync(there, 'utf8')).toBe('precious\n');
});

it('plays a scenario: exit 0, a recording, JUnit, and the result as the last JSON line', async () => {
  const [xml, recording] = [join(dir, 'good.xml'), join(dir, 'good.heartline')];
  const args = [join(dir, 'good.yaml'), '--json', '--junit', xml, '--record', recording, '--seed', '7'];
  const { code, out, err } = await heartline(args);
  expect(err).toContain('✓ missed == 0');
  expect(code).toBe(0);
  const records = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records.map((r) => r.type).slice(-2)).toEqual(['summary', 'result']);
  expect(records[0]).toMatchObject({ v: 1, n: 1, type: 'run', seed: 7, timeScale: 4 });
  expect(records.at(-1)).toMatchObject({
    v: 1,
    type: 'result',
    name: 'a cut & what came of it',
    passed: true,
    seed: 7,
    checks: [
      { name: 'missed == 0', lane: 'sse', expected: 'missed == 0', actual: '0', passed: true },
      { name: 'unique == 3', lane: 'sse', passed: true },
      { name: 'drops.cut == 1', lane: 'sse', passed: true },
    ],
    summary: { sse: { unique: 3 } },
  });
  expect(readFileSync(recording, 'utf8').trimEnd().split('\n').at(-1)).toContain('"type":"summary"');
  const report = reportText(await readRun(recording));
  expect(report).toContain('scenario        a cut & what came of it, 3 checks passed');
  expect(report).toContain('✓ missed == 0');
  const junit = readFileSync(xml, 'utf8');
  expect(junit).toContain('tests="3" failures="0"');
  expect(junit).toContain('classname="a cut &amp; what came of it.sse" name="missed == 0"');
});

it('exits 1 when a check fails, and says which and why', async () => {
  const xml = join(dir, 'failing.xml');
  const { code, out } = await heartline([join(dir, 'failing.yaml'), '--junit', xml]);
  expect(code).toBe(1);
  expect(out).toContain('✗ sse: unique == 4: 3');
  expect(out).toContain('Failed: 1 of 3 checks');
  expect(readFileSync(xml, 'utf8')).toContain('<failure type="expectation" message="expected unique == 4, was 3"/>');
});

it('exits 2 on a wrong file or flag, and tells every problem', async () => {
  const bad = join(dir, 'bad.yaml');
  const [file, seed, report, none] = await Promise.all([
    heartline([bad]),
    heartline([bad, '--seed', '-1']),
    heartline([join(dir, 'good.yaml'), '--report', 'x.html']),
    heartline([]),
  ]);
  expect(file).toMatchObject({ code: 2, out: '' });
  expect(file.err).toContain(`${bad}:7: schedule[1].do: "cutt" is not one of its values. Did you mean cut?`);
  expect(file.err).toContain(`${bad}:10: expect[0]: There is no measure "mised". Did you mean missed?`);
  expect(seed.code).toBe(2);
  expect(seed.err).toContain('--seed');
  expect(report.code).toBe(2);
  expect(report.err).toContain('is not in this version');
  expect(none.code).toBe(2);
});

it('exits 3 when what was named cannot be read, written or reached', async () => {
  const [missing, unwritable, elsewhere] = await Promise.all([
    heartline([join(dir, 'nowhere.yaml')]),
    heartline([join(dir, 'good.yaml'), '--junit', join(dir, 'no/such/folder.xml')]),
    heartline([join(dir, 'elsewhere.yaml')]),
  ]);
  expect(missing.code).toBe(3);
  expect(missing.err).toContain('nowhere.yaml: There is no such file.');
  expect(unwritable.code).toBe(3);
  expect(unwritable.err).toContain('--junit');
  expect(elsewhere.code).toBe(3);
  expect(elsewhere.err).toContain('no lane ever opened');
});

it('ends politely on Ctrl-C, and does not call that passed', async () => {
  let asked = false; // asked twice, it ends at once
  const { code, out } = await heartline([join(dir, 'long.yaml'), '--json'], (text, kill) => {
    if (!asked && text.includes('"to":"open"')) kill();
    asked ||= text.includes('"to":"open"');
  });
  expect(code).toBe(1);
  const last = JSON.parse(out.trimEnd().split('\n').at(-1)!);
  expect(last).toMatchObject({ type: 'result', passed: false });
  expect(last.checks[0].name).toBe('the scenario runs to its end');
});

it('writes JUnit that any name survives', () => {
  const xml = junit({
    name: 'a "quoted" <name>\n\u0000',
    passed: false,
    checks: [{ name: `it's < 5`, lane: null, expected: 'x & y', actual: '\ud800', passed: false }],
    summary: {},
    seed: 1,
    timeScale: 1,
    beganAt: 0,
    took: 1500,
    unopened: [],
  });
  expect(xml).toContain('name="a &quot;quoted&quot; &lt;name&gt;&#10;\ufffd"');
  expect(xml).toContain('name="it&apos;s &lt; 5"');
  expect(xml).toContain('message="expected x &amp; y, was \ufffd"');
  expect(xml).toContain('time="1.5"');
});
