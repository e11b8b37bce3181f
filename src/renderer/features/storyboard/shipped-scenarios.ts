/** The scenarios that come with Heartline, as their files are: they ship in the page. */
import { parseStoryboard } from '../../../shared/storyboard/read.ts';
import type { ScenarioEntry } from './scenario-entry.ts';

const FILES = import.meta.glob<string>('../../../../scenarios/*.yaml', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** By name. */
export const SHIPPED_SCENARIOS: readonly ScenarioEntry[] = Object.entries(FILES)
  .map(([path, text]): ScenarioEntry => {
    const file = path.split('/').at(-1)!;
    // cast: a test reads each of them
    const { name } = parseStoryboard(text).raw as { name: string };
    return { key: `shipped:${file}`, kind: 'shipped', name, text, file: `scenarios/${file}` };
  })
  .toSorted((a, b) => a.name.localeCompare(b.name));

/** What lies open when nobody has chosen: why one comes here at all. */
export const DEFAULT_SCENARIO = SHIPPED_SCENARIOS.find(({ file }) => file?.includes('dies')) ?? SHIPPED_SCENARIOS[0]!;

export const NEW_SCENARIO = `name: New scenario
timeScale: 10
server: { workload: notifications }
lanes:
  - method: short-polling
  - method: long-polling
  - method: sse
  - method: websocket
schedule: []
duration: 60s
expect:
  - missed == 0
`;
