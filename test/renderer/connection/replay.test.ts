import { createPinia, setActivePinia } from 'pinia';
import { expect, it } from 'vitest';
import type { Fact } from '../../../src/shared/observation.ts';
import { METHODS } from '../../../src/shared/catalog.ts';
import { replayRecording } from '../../../src/renderer/connection/replay.ts';
import { useLive } from '../../../src/renderer/stores/live.ts';
import { event, snapshot, START, teller } from '../helpers.ts';

const URL = 'http://127.0.0.1:7410/events/demo';
const run: Fact = {
  type: 'run',
  version: '1.2.3',
  node: 'v24',
  platform: 'linux x64',
  seed: 7,
  timeScale: 1,
  target: { kind: 'embedded', name: 'Embedded server', dialect: 'heartline', base: 'http://127.0.0.1:7410' },
  channel: 'demo',
  start: 'k3f9.0',
  lanes: METHODS.map((method) => ({ id: method, method, url: URL })),
  via: [],
  workload: { name: 'ticks', rate: null, size: null, burst: null },
  heartbeatMs: null,
  pollMs: 2000,
  holdMs: 25_000,
  backoff: 'full-jitter',
};

it('the page shows the lanes of a recording as it showed them live', async () => {
  const note = teller();
  const start = note(0, null, run);
  const happened = [
    note(0.1, 'sse', { type: 'state', from: 'idle', to: 'connecting', reason: 'start' }),
    note(0.2, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
    note(0.3, 'sse', event(1)),
    note(0.4, 'websocket', { type: 'state', from: 'idle', to: 'connecting', reason: 'start' }),
    note(0.5, 'sse', {
      type: 'drop',
      evidence: 'rst',
      cause: 'cut',
      by: 'path',
      silence: 200,
      detected: 1,
      age: 300,
    } as Fact),
    note(0.5, 'sse', { type: 'state', from: 'open', to: 'dropped', reason: 'dropped', evidence: 'rst' }),
    ...Array.from({ length: 2500 }, (_, i) => note(1 + i / 1000, 'short-polling', event(i + 1))),
  ];
  setActivePinia(createPinia());
  const live = useLive();
  const { config: _, ...rest } = snapshot({ n: 1 });
  live.takeSnapshot({
    ...snapshot({ n: 1 }),
    ...rest,
    lanes: rest.lanes.map((l) => ({ ...l, state: 'idle', cursor: 'k3f9.0' })),
  });
  live.takeBatch({ seq: 2, now: START + 4000, observations: happened });
  live.applyPending();

  setActivePinia(createPinia());
  const replayed = useLive();
  await replayRecording([start, ...happened])({
    snapshot: replayed.takeSnapshot,
    batch: replayed.takeBatch,
    closed: () => undefined,
  });
  replayed.applyPending();

  const shown = (store: typeof live): unknown =>
    store.run!.lanes.map(({ id, state, cursor, tally, events, drops }) => ({ id, state, cursor, tally, events: events.items, drops: drops.items })); // prettier-ignore
  expect(shown(replayed)).toEqual(shown(live));
  expect(replayed.run!.lane('sse')).toMatchObject({ state: 'dropped', cursor: 'k3f9.1' });
  expect(replayed.config).toMatchObject({ seed: 7, workload: { name: 'ticks' } });
});

it('a recording without its start cannot be shown, and says so', async () => {
  const handlers = { snapshot: () => undefined, batch: () => undefined, closed: () => undefined };
  await expect(replayRecording([teller()(1, 'sse', event(1))])(handlers)).rejects.toMatchObject({
    code: 'bad-recording',
  });
});
