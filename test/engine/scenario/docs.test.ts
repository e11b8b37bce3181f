import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readScenarioText } from '../../../src/engine/scenario/read.ts';
import { MEASURE_NAMES } from '../../../src/shared/scenario/measures.ts';

const page = readFileSync('docs/scenarios.md', 'utf8');
const schema = JSON.parse(readFileSync('scenarios/scenario.schema.json', 'utf8'));
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((m) => m[1]!);

it('has examples that can be read', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
  for (const example of examples) expect(readScenarioText(example), example).toMatchObject({ ok: true });
});

it('leaves no key, step, measure or shipped scenario out', () => {
  const { properties } = schema;
  const steps = properties.schedule.items.oneOf as { properties: Record<string, { const?: string }> }[];
  const words = [
    ...Object.keys(properties),
    ...Object.keys(properties.server.properties),
    ...Object.keys(properties.target.oneOf[1].properties),
    ...Object.keys(properties.lanes.items.properties),
    ...steps.flatMap((step) => [step.properties['do']!.const!, ...Object.keys(step.properties)]),
    ...MEASURE_NAMES,
    ...readdirSync('scenarios').filter((file) => file.endsWith('.yaml')),
  ];
  expect(words.filter((word) => !page.includes(`\`${word}\``) && word !== 'do')).toEqual([]);
});
