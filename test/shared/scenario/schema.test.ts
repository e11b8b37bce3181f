import { expect, it } from 'vitest';
import { readScenario } from '../../../src/shared/scenario/read.ts';
import { keyPath, type ScenarioProblem } from '../../../src/shared/scenario/problems.ts';

const least = { name: 'x', lanes: [{ method: 'sse' }], duration: '60s' };
const messages = ({ path, message, hint }: ScenarioProblem): string =>
  `${keyPath(path)}: ${message} ${hint ?? ''}`.trim();
const problems = (more: object): string[] => readScenario({ ...least, ...more }).problems.map(messages);

it('reads durations, rates and sizes into numbers', () => {
  const { scenario, problems: none } = readScenario({
    ...least,
    duration: '1.5m',
    server: { workload: 'custom', rate: '30/m', size: '1KiB', heartbeat: 'off', hold: '25s' },
    lanes: [
      { method: 'sse', deadAfter: 'auto', ping: 'off', pongs: 'off' },
      { method: 'short-polling', poll: '500ms' },
    ],
    schedule: [{ at: '1s', do: 'publish', data: { status: 'ok' } }],
  });
  expect(none).toEqual([]);
  expect(scenario).toMatchObject({
    duration: 90_000,
    server: { rate: 0.5, size: 1024, heartbeat: 'off', hold: 25_000 },
    lanes: [{ deadAfter: 'auto', ping: 'off', pongs: false }, { poll: 500 }],
    schedule: [{ at: 1000, data: '{"status":"ok"}' }],
  });
});

it.each([
  [{ timescale: 2 }, 'timescale: "timescale" is not known here. Did you mean timeScale?'],
  [
    { lanes: [{ method: 'websockets' }] },
    'lanes[0].method: "websockets" is not one of its values. Did you mean websocket?',
  ],
  [{ lanes: [{ method: 'sse', pol: '1s' }] }, 'lanes[0].pol: "pol" is not known here. Did you mean poll?'],
  [{ lanes: [] }, 'lanes: What stands here will not do. Give at least 1.'],
  [{ duration: 60 }, 'duration: "60" is not a duration. Write a number with a unit: 250ms, 10s or 5m.'],
  [{ timeScale: 0.5 }, 'timeScale: 0.5 will not do. Give at least 1.'],
  [{ seed: 1.5 }, 'seed: 1.5 will not do. Give a whole number.'],
  [{ server: 'quiet' }, 'server: It must be a set of keys.'],
  [{ server: { retain: '20' } }, 'server.retain: It must be a number.'],
  [{ server: { workload: 'quite' } }, 'server.workload: "quite" is not one of its values. Did you mean quiet?'],
  [{ path: ['latency:delay'] }, 'path[0]: "delay" in latency is not key=value. Write latency:key=value.'],
  [{ schedule: [{ at: '1s', do: 'cutt' }] }, 'schedule[0].do: "cutt" is not one of its values. Did you mean cut?'],
  [{ schedule: [{ at: '1s', do: 'cut', edn: 'fin' }] }, 'schedule[0].edn: "edn" is not known here. Did you mean end?'],
  [{ schedule: [{ at: '1s', do: 'sleep' }] }, 'schedule[0].for: It is missing.'],
  [
    { schedule: [{ at: '1s', do: 'sleep', for: '1s', lane: 'sse-2' }] },
    'schedule[0].lane: There is no lane "sse-2". Did you mean sse?',
  ],
  [{ schedule: [{ at: '2m', do: 'cut' }] }, 'schedule[0].at: It would happen after the end. Make duration longer.'],
  [
    { schedule: [{ at: '1s', do: 'set' }] },
    'schedule[0]: There is nothing to set. Give heartbeat, workload, rate, pongs or path.',
  ],
  [{ expect: ['mised == 0'] }, 'expect[0]: There is no measure "mised". Did you mean missed?'],
  [{ expect: ['websocket: missed == 0'] }, 'expect[0]: There is no lane "websocket". The lanes are sse.'],
  [{ expect: [{ lane: 'sse', chek: 'missed == 0' }] }, 'expect[0]: It has no check. Write check: missed == 0'],
  [
    { timeScale: 10, expect: ['latency.p95 < 200ms'] },
    'expect[0]: Latency is not known while time is scaled. Set timeScale to 1.',
  ],
  [
    { target: { base: 'http://127.0.0.1:1' }, timeScale: 2 },
    'timeScale: Time cannot be scaled for a remote target: its own timers would not follow. Leave timeScale out, or follow the embedded server.',
  ],
  [
    { target: { base: 'http://127.0.0.1:1' }, schedule: [{ at: '1s', do: 'lose-log' }] },
    'schedule[0].do: lose-log needs the embedded server. Leave target out.',
  ],
  [
    { target: { base: 'http://127.0.0.1:1' }, server: {} },
    'target: A run has a server of its own or a target, not both. Leave one out.',
  ],
])('%j is told with key and way out', (more, sentence) => {
  expect(problems(more)).toEqual([sentence]);
});

it('tells all that is wrong at once, and a misspelt key once', () => {
  const { scenario, problems: all } = readScenario({
    name: 'x',
    lane: [{ method: 'sse' }],
    duration: 'soon',
    schedule: [
      { at: '1s', do: 'cutt' },
      { at: 'x', do: 'cut' },
    ],
  });
  expect(scenario).toBeNull();
  expect(all.map((p) => keyPath(p.path))).toEqual(['lane', 'schedule[0].do', 'schedule[1].at', 'duration']);
});

it('takes checks in three spellings, for one lane, some, or all', () => {
  const { scenario } = readScenario({
    ...least,
    lanes: [{ method: 'sse' }, { method: 'websocket' }],
    expect: [
      'missed == 0',
      'sse: missed == 0',
      { 'sse, websocket': 'missed == 0' },
      { lane: ['sse', 'websocket'], check: 'missed == 0', name: 'nothing is lost' },
    ],
  });
  expect(scenario!.expect!.map(({ name, lanes }) => [name, lanes])).toEqual([
    ['missed == 0', null],
    ['missed == 0', ['sse']],
    ['missed == 0', ['sse', 'websocket']],
    ['nothing is lost', ['sse', 'websocket']],
  ]);
});
