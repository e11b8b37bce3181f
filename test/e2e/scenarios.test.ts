import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenarioText } from '../../src/engine/scenario/read.ts';
import { runScenario } from '../../src/engine/scenario/run-scenario.ts';
import type { Observation } from '../../src/shared/observation.ts';

const FILES = readdirSync('scenarios').filter((file) => file.endsWith('.yaml'));

/** What a person would look at first when one fails. */
const TELLING: readonly Observation['type'][] = ['drop', 'resume', 'gap', 'notice', 'setting', 'path', 'sleep'];

// They mostly wait: played side by side, all of them take as long as the longest.
describe.concurrent('the shipped scenarios', () => {
  it.each(FILES)('%s shows what it says', { timeout: 60_000 }, async (file) => {
    const read = readScenarioText(readFileSync(`scenarios/${file}`, 'utf8'));
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
  });
});
