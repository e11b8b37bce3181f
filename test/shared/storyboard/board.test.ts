import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { snapOf, snapped, ticksTo } from '../../../src/shared/storyboard/axis.ts';
import { boardOf, type TrackItem, type TrackId } from '../../../src/shared/storyboard/board.ts';
import { parseStoryboard, stepLines } from '../../../src/shared/storyboard/read.ts';
import { assignRows } from '../../../src/shared/storyboard/rows.ts';

const scenarioOf = (schedule: string, more = ''): NonNullable<ReturnType<typeof parseStoryboard>['scenario']> =>
  parseStoryboard(`name: a\nlanes: [{ method: sse }]\nduration: 60s\n${more}schedule:\n${schedule}`).scenario!;

/** `idle-timeout 10-40 0`: what, from when to when in seconds, in which row; `+` when it has no end of its own. */
function trackOf(id: TrackId, schedule: string, more = '', leastMs = 0): string[] {
  const track = boardOf(scenarioOf(schedule, more), leastMs).tracks.find((t) => t.id === id)!;
  const what = (item: TrackItem): string => item.value ?? (item.is?.do === 'fault' ? item.is.via : item.is!.do);
  return track.items.map((item) => {
    const to = item.end === null ? '' : `-${item.end / 1000}${item.open ? '+' : ''}`;
    return `${what(item)} ${item.at / 1000}${to} row ${item.row}`;
  });
}

describe('the path track', () => {
  it('lays faults over the path it begins with, until they end, are cleared, or the scenario does', () => {
    const schedule = `
  - { at: 10s, do: fault, via: latency, for: 5s }
  - { at: 12s, do: fault, via: slice+black-hole }
  - { at: 20s, do: fault, via: bandwidth }
  - { at: 30s, do: clear, via: black-hole }
  - { at: 40s, do: clear, via: slice }
`;
    expect(trackOf('path', schedule, 'path: [nginx]\n')).toEqual([
      'nginx 0-60+ row 0',
      'latency 10-15 row 1',
      'slice+black-hole 12-40+ row 2',
      'bandwidth 20-60+ row 1',
      'clear 30 row 3',
      'clear 40 row 2',
    ]);
  });

  it('another path takes the place of the first, and all that lay on it', () => {
    const schedule = `
  - { at: 10s, do: fault, via: latency }
  - { at: 20s, do: set, path: [varnish] }
  - { at: 30s, do: clear }
`;
    expect(trackOf('path', schedule)).toEqual([
      'direct 0-20+ row 0',
      'latency 10-20+ row 1',
      'varnish 20-30+ row 0',
      'clear 30 row 1',
      'direct 30-60+ row 0',
    ]);
  });
});

describe('the other tracks', () => {
  it('clients sleep, go offline and are cut', () => {
    const schedule = `
  - { at: 5s, do: sleep, for: 20s }
  - { at: 10s, do: cut }
  - { at: 50s, do: offline }
`;
    expect(trackOf('clients', schedule)).toEqual(['sleep 5-25 row 0', 'cut 10 row 1', 'offline 50-60+ row 0']);
  });

  it('a killed server stays down for 5 s unless it says otherwise', () => {
    const schedule =
      '  - { at: 5s, do: kill-server }\n  - { at: 20s, do: kill-server, for: 2s }\n  - { at: 30s, do: lose-log }\n';
    expect(trackOf('server', schedule)).toEqual(['kill-server 5-10 row 0', 'kill-server 20-22 row 0', 'lose-log 30 row 0']); // prettier-ignore
  });

  it('several events have their beats', () => {
    const s = scenarioOf('  - { at: 5s, do: publish, count: 3, every: 2s }\n  - { at: 6s, do: publish, count: 9 }\n');
    const [several, atOnce] = boardOf(s).tracks.find((t) => t.id === 'events')!.items;
    expect(several).toMatchObject({ end: 9000, beats: [5000, 7000, 9000], row: 0 });
    expect(atOnce).toMatchObject({ end: null, beats: [], row: 1 });
  });

  it('each setting that changes is a line from the beginning to the end', () => {
    const schedule = `
  - { at: 30s, do: set, heartbeat: 5s, pongs: off }
  - { at: 10s, do: set, heartbeat: off }
`;
    expect(trackOf('settings', schedule)).toEqual([
      '15000 0-10+ row 0',
      'off 10-30+ row 0',
      '5000 30-60+ row 0',
      'true 0-30+ row 1',
      'false 30-60+ row 1',
    ]);
  });
});

it('moments lie beside each other only where there is room for them', () => {
  const at = (leastMs: number): number[] => {
    const items = [0, 400, 900, 2000].map((at) => ({ at, end: null, row: 0 }));
    assignRows(items, leastMs);
    return items.map((i) => i.row);
  };
  expect(at(100)).toEqual([0, 0, 0, 0]);
  expect(at(500)).toEqual([0, 1, 0, 0]);
  expect(at(1000)).toEqual([0, 1, 2, 0]);
});

describe('the axis', () => {
  it('has ticks that leave room for their words, and finer lines between', () => {
    expect(ticksTo(50_000, 55)).toEqual({ at: [0, 5000, 10_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 45_000, 50_000], minor: 1000 }); // prettier-ignore
    expect(ticksTo(400_000, 450).at[1]).toBe(30_000);
    expect(ticksTo(1000, 1).at[1]).toBe(100);
  });
  it('snaps finer the nearer one looks', () => {
    expect([5, 25, 26, 100, 125, 200, 5000].map(snapOf)).toEqual([100, 100, 500, 500, 500, 1000, 10_000]);
    expect(snapped(1234, 500)).toBe(1000);
    expect(snapped(1234, null)).toBe(1230);
    expect(snapped(-50, 100)).toBe(0);
  });
});

it('tells on which lines a step stands', () => {
  expect(stepLines(readFileSync('scenarios/deploy.yaml', 'utf8'))).toEqual([15, 16, 17, 18].map((n) => ({ from: n, to: n }))); // prettier-ignore
  expect(stepLines('schedule:\n  - at: 1s\n    do: cut\n\n  # x\n  - { at: 2s }\n')).toEqual([{ from: 2, to: 3 }, { from: 6, to: 6 }]); // prettier-ignore
  expect(stepLines('schedule: [')).toEqual([]);
});

it.each(readdirSync('scenarios').filter((file) => file.endsWith('.yaml')))('%s is a board', (file) => {
  const { scenario, problems } = parseStoryboard(readFileSync(`scenarios/${file}`, 'utf8'));
  expect(problems).toEqual([]);
  const board = boardOf(scenario!, 500);
  const shown = new Set(board.tracks.flatMap((t) => t.items.map((item) => item.step)));
  for (const [i] of (scenario!.schedule ?? []).entries()) expect(shown).toContain(i);
  expect(board.reachMs).toBe(scenario!.duration);
});
