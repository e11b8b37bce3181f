import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenarioText } from '../../src/engine/scenario/read.ts';
import { runScenario, type ScenarioResult } from '../../src/engine/run-scenario.ts';
import type { Observation } from '../../src/shared/observation.ts';
import { labClock } from '../helpers/steady-clock.ts';

const FILES = readdirSync('scenarios').filter((file) => file.endsWith('.yaml'));

/** What a person would look at first when one fails. */
const TELLING: readonly Observation['type'][] = ['drop', 'resume', 'gap', 'notice', 'setting', 'path', 'sleep'];

/** They mostly wait, so some are played side by side; too many at once would be late for their scaled timers. */
const AT_ONCE = 4;
const turns = Array.from({ length: AT_ONCE }, () => Promise.resolve());

interface Played {
  result: ScenarioResult;
  seen: Observation[];
}

/** Waits for its turn and plays. */
function play(text: string): Promise<Played> {
  const mine = turns.shift()!.then(() => plays(text));
  const over = (): void => {};
  turns.push(mine.then(over, over));
  return mine;
}

/** What of it did not hold: `sse drops == 0: 1`. */
const failed = ({ result }: Played): string[] =>
  result.checks.filter((check) => !check.passed).map((c) => `${c.lane ?? 'run'} ${c.name}: ${c.actual}`);

const shipped = (file: string): string => readFileSync(`scenarios/${file}`, 'utf8');

describe.concurrent('the shipped scenarios', () => {
  const texts = FILES.map((file): [string, string] => [file, shipped(file)]);
  const page = readFileSync('docs/scenarios.md', 'utf8');
  for (const [, text] of page.matchAll(/```yaml\n(.*?)```/gs)) {
    const name = /^name: (.*)$/m.exec(text!)![1]!;
    if (text!.includes('timeScale: 10')) texts.push([`"${name}" in docs/scenarios.md`, text!]);
  }

  it.each(texts)('%s shows what it says', { timeout: 240_000 }, async (file, text) => {
    const played = await play(text);
    const reported = played.seen.filter((o) => TELLING.includes(o.type)).map((o) => JSON.stringify(o));
    expect(failed(played), reported.join('\n')).toEqual([]);
    expect(played.result.checks.length).toBeGreaterThan(0);
    if (file === 'token-expired.yaml') saysThatItGaveUp(played);
  });
});

/** `state == failed` alone would hold for a lane that gave up without a word. */
function saysThatItGaveUp({ result, seen }: Played): void {
  for (const lane of Object.keys(result.summary)) {
    const messages = seen.flatMap((o) => (o.lane === lane && o.type === 'notice' && o.level === 'error' ? [o] : []));
    expect(messages, lane).toMatchObject([{ message: expect.stringContaining('401'), hint: expect.any(String) }]);
  }
}

/** Without what a scenario is about, its checks do not hold: each is broken in one place. */
describe.concurrent('a scenario notices when what it shows is missing', () => {
  const broken: [file: string, from: string, to: string, fails: string][] = [
    ['deploy-with-advice.yaml', 'advice: 12s', 'advice: off', 'run peakReconnects <= 9: '],
    ['corporate-proxy.yaml', '[corporate-no-upgrade]', '[http-proxy]', 'websocket state == failed: open'],
    ['token-expired.yaml', 'status=401', 'status=503', 'websocket state == failed: open'],
    ['varnish-replay.yaml', 'varnish:cache.control=ignored', 'varnish', 'sse-2 duplicates == 3: 0'],
    ['retry-storm.yaml', '[traffic-server]', '["traffic-server:retry=0"]', 'long-polling drops.status:504 == 1: '],
    ['lost-answer.yaml', 'after=12s', 'after=10m', 'long-polling handed == 4: 3'],
    ['stream-that-dies-after-a-minute.yaml', 'nginx-tuned', 'http-proxy', 'sse drops.idle-limit == 1: 0'],
  ];

  it.each(broken)('%s with %s → %s', { timeout: 240_000 }, async (file, from, to, fails) => {
    const text = shipped(file);
    expect(text).toContain(from);
    const played = await play(text.replace(from, to));
    expect(failed(played)).toContainEqual(expect.stringContaining(fails));
  });
});

async function plays(text: string): Promise<Played> {
  const read = readScenarioText(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const seen: Observation[] = [];
  const result = await runScenario(read.plan, {
    version: '0.0.0-test',
    clock: labClock,
    onObservation: (o) => void seen.push(o),
  });
  return { result, seen };
}
