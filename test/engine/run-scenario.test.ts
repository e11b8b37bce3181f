import { expect, it } from 'vitest';
import { failed, play, type Played } from '../helpers/play.ts';

it('does what the schedule says, when it says so, and checks what came of it', async () => {
  const played = await play(`
name: all there is to do
seed: 5
timeScale: 10
server: { retain: 50, heartbeat: 5s }
lanes: [{ method: sse }, { method: short-polling, poll: 500ms }]
schedule:
  - { at: 1s, do: publish, type: hello-there, data: { a: 1 }, count: 2 }
  - { at: 3s, do: fault, via: 'latency:delay=10ms', for: 1s }
  - { at: 5s, do: sleep, for: 1s, lane: sse }
  - { at: 7s, do: offline, for: 1s }
  - { at: 9s, do: set, heartbeat: off, pongs: off, workload: custom, rate: 1/s }
  - { at: 11s, do: set, workload: none }
  - { at: 12s, do: cut }
  - { at: 15s, do: restart-server }
  - { at: 18s, do: lose-log }
  - { at: 19s, do: kill-server, for: 1s }
duration: 30s
expect:
  - gaps.epoch >= 1
  - missed == unknown
  - name: two and a few
    check: unique >= 3
  - sse: drops.cut == 1
  - sse: drops.kill == 1
`);
  const { seen, result } = played;
  expect(failed(played)).toEqual([]);
  expect(result).toMatchObject({ name: 'all there is to do', passed: true, seed: 5, timeScale: 10, unopened: [] });
  expect(result.checks.map((c) => [c.name, c.lane])).toContainEqual(['two and a few', 'short-polling']);
  const settings = seen.flatMap((o) => (o.type === 'setting' ? [`${o.name} ${o.value}`] : []));
  expect(settings).toEqual([
    'offline on',
    'offline off',
    'heartbeat off',
    'workload custom 1/s',
    'pongs muted',
    'workload none',
    expect.stringMatching(/^cut-all \d connections?, rst$/),
    'restart-server drain',
    'lose-log a new epoch begins',
    'kill-server down for 1000ms',
  ]);
  expect(seen.flatMap((o) => (o.type === 'path' ? [o.via] : []))).toEqual([[], ['latency:delay=10ms'], []]);
  expect(seen.flatMap((o) => (o.type === 'sleep' && o.phase === 'begin' ? [o.lane] : []))).toEqual(['sse']);
  expect(seen.find((o) => o.type === 'publish')).toMatchObject({ event: 'hello-there', bytes: 7 });
  expect(seen[0]).toMatchObject({ type: 'run', seed: 5, timeScale: 10, lanes: [{}, { client: { pollMs: 500 } }] });
  expect(seen.at(-1)!.type).toBe('summary');
  // never early, by the run's own clock
  const began = result.beganAt;
  const cut = seen.find((o) => o.type === 'setting' && o.name === 'cut-all')!;
  expect(cut.at - began).toBeGreaterThanOrEqual(11_990);
  expect(result.took).toBeGreaterThanOrEqual(29_990);
});

it('says which key of a lane changes nothing there, and goes on', async () => {
  const { seen } = await play(`
name: a key too many
timeScale: 20
lanes: [{ method: sse, poll: 1s, backoff: none }, { method: long-polling, poll: 1s }]
duration: 2s
expect: [drops == 0]
`);
  const said = seen.flatMap((o) => (o.type === 'notice' && o.code === 'idle-setting' ? [o.message] : []));
  expect(said).toEqual(['Lane sse: "poll" changes nothing for SSE: it is for short polling and long polling.']);
});

it('fails when a check does not hold, and says what was there instead', async () => {
  const played = await play(`
name: too much asked
timeScale: 5
lanes: [{ method: sse }]
schedule: [{ at: 1s, do: publish }]
duration: 10s
expect: [unique == 2, missed == 0, drops.cut >= 1]
`);
  expect(played.result.passed).toBe(false);
  expect(failed(played)).toEqual(['sse unique == 2: 1', 'sse drops.cut >= 1: 0']);
});

it('sees a stream that went deaf without a word: nothing was missed that it knows of, but it is behind', async () => {
  const played = await play(`
name: deaf
timeScale: 20
server: { heartbeat: off }
lanes: [{ method: sse }]
path: ['idle-timeout:after=5s,end=black-hole']
schedule: [{ at: 10s, do: publish, count: 3 }]
duration: 20s
expect: ['missed == 0', 'drops == 0', 'state == open', 'behind == 0']
`);
  expect(failed(played)).toEqual(['sse behind == 0: 3']);
});

it('does not wait for ever for lanes that cannot open, and does not call that nothing missed', async () => {
  const played = await play(`
name: shut
timeScale: 50
lanes: [{ method: sse }]
path: [refuse]
duration: 5s
expect: ['missed == 0', 'drops.refused >= 1']
`);
  expect(failed(played)).toEqual(['sse missed == 0: cannot know: it never opened']);
  expect(played.result.unopened).toEqual(['sse']);
});

it('makes a failed check of a step that could not be done, and goes on', async () => {
  const played = await play(`
name: elsewhere
target: { base: 'http://127.0.0.1:9', dialect: heartline }
lanes: [{ method: sse }]
schedule:
  - { at: 100ms, do: publish }
  - { at: 200ms, do: cut }
duration: 400ms
expect: ['drops >= 1']
`);
  const [first] = failed(played);
  expect(first).toMatch(/^run schedule\[0\]: .*127\.0\.0\.1:9 could not be asked/);
  expect(failed(played)).toHaveLength(1);
  expect(played.seen.some((o) => o.type === 'setting' && o.name === 'cut-all')).toBe(true);
});

it('ends early when told to, which is no pass', async () => {
  const stop = new AbortController();
  const played = await play(
    `
name: cut short
lanes: [{ method: sse }]
duration: 1h
expect: ['missed == 0']
`,
    {
      signal: stop.signal,
      onObservation: (o) => {
        if (o.type === 'state' && o.to === 'open') stop.abort();
      },
    },
  );
  expect(played.result.passed).toBe(false);
  expect(failed(played)).toEqual([expect.stringMatching(/^run the scenario runs to its end: stopped after/)]);
});

it('plays the same events for the same seed', async () => {
  const text = (seed: number): string => `
name: again
seed: ${seed}
timeScale: 10
server: { workload: payment }
lanes: [{ method: sse }]
duration: 25s
`;
  const datas = ({ seen }: Played): string[] =>
    seen.flatMap((o) => (o.type === 'event' && !o.duplicate ? [o.data!] : [])).slice(0, 4);
  const [a, b, c] = await Promise.all([play(text(3)), play(text(3)), play(text(4))]);
  expect(datas(a).length).toBeGreaterThanOrEqual(3);
  expect(datas(b).slice(0, 3)).toEqual(datas(a).slice(0, 3));
  expect(datas(c)).not.toEqual(datas(a));
});
