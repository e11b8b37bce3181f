/** The scenarios that come with Heartline, as their files are: they ship in the page. */
import { readText } from '../../shared/storyboard/read.ts';
import type { BoardEntry } from './storyboard.ts';

const FILES = import.meta.glob<string>('../../../scenarios/*.yaml', { query: '?raw', import: 'default', eager: true });

/** By name. */
export const SHIPPED: readonly BoardEntry[] = Object.entries(FILES)
  .map(([path, text]): BoardEntry => {
    const file = path.split('/').at(-1)!;
    const { name } = readText(text).raw as { name: string };
    return { key: `shipped:${file}`, kind: 'shipped', name, text, file: `scenarios/${file}` };
  })
  .toSorted((a, b) => a.name.localeCompare(b.name));

/** What lies open when nobody has chosen: why one comes here at all. */
export const FIRST = SHIPPED.find(({ file }) => file?.includes('dies')) ?? SHIPPED[0]!;

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
