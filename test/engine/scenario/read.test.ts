import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatProblem, readScenarioText } from '../../../src/engine/scenario/read.ts';

function messages(text: string): string[] {
  const read = readScenarioText(text);
  return read.ok ? [] : read.problems.map((p) => formatProblem('lift.yaml', p));
}

it('names file, line and key of every problem, in the order of the file', () => {
  const text = `name: lift
timescale: 10
lanes:
  - method: sse
    pol: 1s
path:
  - idle-timout:after=10s
schedule:
  - at: 5s
    do: cutt
  - { at: 10s, do: sleep }
expect:
  - sse: mised == 0
`;
  expect(messages(text)).toEqual([
    'lift.yaml:1: duration: It is missing.',
    'lift.yaml:2: timescale: "timescale" is not known here. Did you mean timeScale?',
    'lift.yaml:5: lanes[0].pol: "pol" is not known here. Did you mean poll?',
    'lift.yaml:7: path[0]: There is no preset, fault or policy called "idle-timout". Did you mean idle-timeout?',
    'lift.yaml:10: schedule[0].do: "cutt" is not one of its values. Did you mean cut?',
    'lift.yaml:11: schedule[1].for: It is missing.',
    'lift.yaml:13: expect[0]: There is no measure "mised". Did you mean missed?',
  ]);
});

it('checks whatever is put on the path, though the rest could not be made out', () => {
  const text = `name: lift
path: [ngnix-tuned, 'nginx-tuned:idle-timout=5s']
schedule:
  - at: 5s
    do: fault
    via: error-status:status=401,evry=1
  - { at: 6s, do: clear, via: anything }
  - at: 7s
    do: set
    path:
      - http-proxy
      - write-timout
  - nothing
expect: [askd == 1]
`;
  expect(messages(text)).toEqual([
    'lift.yaml:1: lanes: It is missing.',
    'lift.yaml:1: duration: It is missing.',
    'lift.yaml:2: path[0]: There is no preset, fault or policy called "ngnix-tuned". Did you mean nginx-tuned?',
    'lift.yaml:2: path[1]: nginx-tuned:idle-timout: nginx-tuned has no "idle-timout" to change. Did you mean idle-timeout?',
    'lift.yaml:6: schedule[0].via: error-status:evry: error-status has no "evry". Did you mean every?',
    'lift.yaml:12: schedule[2].path[1]: There is no preset, fault or policy called "write-timout". Did you mean write-timeout?',
    expect.stringContaining('lift.yaml:13: schedule[3]: '),
    'lift.yaml:14: expect[0]: There is no measure "askd". Did you mean asked?',
  ]);
});

it.each([
  ['', 'lift.yaml:1: It is no scenario. Begin with name:, lanes: and duration:.'],
  ['- a', 'lift.yaml:1: It is no scenario.'],
  ['just words', 'lift.yaml:1: It is no scenario.'],
  ['name: x\nname: y', 'lift.yaml:2: It is not YAML: Map keys must be unique'],
  ['name: "x', 'lift.yaml:1: It is not YAML: Missing closing "quote'],
  ['name: x\nlanes: [', 'lift.yaml:2: It is not YAML'],
  ['name: *nobody', 'It is not YAML: Unresolved alias'],
  [
    `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`,
    'Excessive alias count',
  ],
  ['x'.repeat(1024 * 1024 + 1), 'It is longer than 1 MiB.'],
])('text that is none is told: %#', (text, sentence) => {
  expect(messages(text).join('\n')).toContain(sentence);
});

it('takes YAML’s plain words as they are meant', () => {
  const read = readScenarioText(`
name: x
server: { heartbeat: off, rate: 30/m }
lanes: [{ method: sse, pongs: off }]
duration: 1m
expect:
  - sse: missed == 0
  - drops.close:1006 == 0
  - sse: drops.status:504 == 0
`);
  expect(read).toMatchObject({ ok: true, plan: { config: { heartbeatMs: null } } });
  if (read.ok) expect(read.plan.expect.map((e) => e.lanes)).toEqual([['sse'], null, ['sse']]);
});

it('can read every shipped scenario, each with a word on what it shows', () => {
  const files = readdirSync('scenarios').filter((file) => file.endsWith('.yaml'));
  expect(files.length).toBeGreaterThanOrEqual(8);
  for (const file of files) {
    const text = readFileSync(`scenarios/${file}`, 'utf8');
    expect(readScenarioText(text), file).toMatchObject({ ok: true });
    expect(text, file).toContain('$schema=./scenario.schema.json');
    expect(text, file).toMatch(/^description: /m);
  }
});

it.each([
  ['brackets', `a: ${'['.repeat(500_000)}`, 'It nests more than 100 deep.'],
  ['maps in brackets', `a: ${'{a: '.repeat(200_000)}`, 'It nests more than 100 deep.'],
  ['dashes', '- '.repeat(500_000), 'It nests more than 100 deep.'],
  ['question marks', '? '.repeat(500_000), 'It nests more than 100 deep.'],
  ['tags', '! '.repeat(500_000), 'It has more than 100000 words and marks.'],
  ['commas', `[${','.repeat(1_000_000)}]`, 'It has more than 100000 words and marks.'],
  ['keys', Array.from({ length: 90_000 }, (_, i) => `k${i}: 1\n`).join(''), 'It has more than 100000 words and marks.'],
])('text made to keep a reader busy is not parsed: %s', (_, text, sentence) => {
  const began = performance.now();
  expect(messages(text).join('\n')).toContain(sentence);
  expect(performance.now() - began).toBeLessThan(2000); // parsed, each took between 3 s and for ever
});

it('takes a scenario of a thousand steps and a thousand checks', () => {
  const steps = '  - { at: 1s, do: publish, type: message, data: x, count: 2, every: 10ms }\n'.repeat(1000);
  const checks = '  - sse: missed == 0\n'.repeat(1000);
  const text = `name: x\nlanes: [{ method: sse }]\nduration: 5s\nschedule:\n${steps}expect:\n${checks}`;
  expect(messages(text)).toEqual([]);
});
