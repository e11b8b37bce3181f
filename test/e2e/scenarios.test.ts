import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenarioText } from '../../src/engine/scenario/read.ts';
import { runScenario } from '../../src/engine/scenario/run-scenario.ts';
import type { Observation } from '../../src/shared/observation.ts';

const FILES = readdirSync('scenarios').filter((file) => file.endsWith('.yaml'));

/** What a person would look at first when one fails. */
const TELLING: readonly Observation['type'][] = ['drop', 'resume', 'gap', 'notice', 'setting', 'path', 'sleep'];

/** They mostly wait, so some are played side by side; too many at once would be late for their scaled timers. */
const AT_ONCE = 3;
const turns = Array.from({ length: AT_ONCE }, () => Promise.resolve());

describe.concurrent('the shipped scenarios', () => {
  const texts = FILES.map((file): [string, string] => [file, readFileSync(`scenarios/${file}`, 'utf8')]);
  const page = readFileSync('docs/scenarios.md', 'utf8');
  texts.push(['the example in docs/scenarios.md', /```yaml\n(.*?)```/s.exec(page)![1]!]);

  // a machine that stands still for half a second has lost ten of a scaled run: it may try again
  it.each(texts)('%s shows what it says', { timeout: 120_000, retry: 1 }, (_file, text) => {
    const mine = turns.shift()!.then(() => plays(text));
    turns.push(mine.catch(() => {}));
    return mine;
  });
});

async function plays(text: string): Promise<void> {
  const read = readScenarioText(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(read.plan.expect.length).toBeGreaterThan(0);
  const told: string[] = [];
  const result = await runScenario(read.plan, {
    version: '0.0.0-test',
    onObservation: (o) => {
      if (TELLING.includes(o.type)) told.push(JSON.stringify(o));
    },
  });
  const failed = result.checks.filter((check) => !check.passed);
  expect(failed, told.join('\n')).toEqual([]);
}
