import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineApi } from '../../../../../src/shared/api.ts';
import type { DropFact, ResumeFact } from '../../../../../src/shared/observation.ts';
import { describePath } from '../../../../../src/shared/path/describe.ts';
import { resolveVia } from '../../../../../src/shared/path/resolve.ts';
import DropCard from '../../../../../src/renderer/features/live/drop/DropCard.vue';
import { dropScenario } from '../../../../../src/renderer/features/live/drop/drop-scenario.ts';
import { readScenarioDocument } from '../../../../../src/shared/scenario/document.ts';
import { useLive } from '../../../../../src/renderer/stores/live.ts';
import { useSight } from '../../../../../src/renderer/stores/sight.ts';
import { demoConfig } from '../../../demo/demo-engine.ts';
import { event, snapshot, START, teller } from '../../../helpers.ts';

beforeEach(() => setActivePinia(createPinia()));
enableAutoUnmount(afterEach);

const IDLE: DropFact = { type: 'drop', evidence: 'fin', cause: 'idle-limit', by: 'path', silence: 10_000, age: 31_100, detected: 1 }; // prettier-ignore
const RESUME: ResumeFact = { type: 'resume', sent: 'k3f9.412', first: 'k3f9.413', missed: 0, repeated: 0, epochChanged: false, after: 'fin' }; // prettier-ignore

async function card(
  drop: Partial<DropFact>,
  { via = ['idle-timeout:after=10s'], resume = {} as Partial<ResumeFact> | null, laidAt = 0.1 } = {},
) {
  const live = useLive();
  const tell = teller();
  live.takeSnapshot(snapshot());
  const path = describePath(resolveVia(via));
  live.takeBatch({
    seq: 1,
    now: START + 40_000,
    observations: [
      tell(laidAt, null, { type: 'path', ...path }),
      tell(0.2, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
      tell(21, 'sse', event(412)),
      tell(31.1, 'sse', { ...IDLE, ...drop }),
      ...(resume === null ? [] : [tell(33, 'sse', { ...RESUME, ...resume })]),
    ],
  });
  live.applyPending();
  const calls: unknown[] = [];
  live.link = 'live';
  live.api = {
    setHeartbeat: async (change: unknown) => void calls.push(['heartbeat', change]),
    setPongs: async (change: unknown) => void calls.push(['pongs', change]),
  } as unknown as EngineApi;
  const lane = live.run!.lane('sse')!;
  useSight().openDrop(lane.drops.last!);
  const page = mount(DropCard, { props: { drop: lane.drops.last!, lane, x: 200, y: 200 }, attachTo: document.body });
  await flushPromises();
  const text = (id: string): string =>
    page.find(`[data-testid="${id}"]`).exists() ? page.find(`[data-testid="${id}"]`).text() : '';
  return { page, text, calls, lane };
}

describe('the card of a drop', () => {
  it('on our own path: who, how it is known, why, what was lost, and the cure', async () => {
    const { page, text, calls } = await card({});
    expect(text('drop-why')).toBe(
      'Nobody spoke for 10.0 s, and this path ends what is silent that long. Nothing was lost: it asked from where it was.',
    );
    expect(text('drop-by')).toBe('The path, idle limit known: our own path');
    expect(text('drop-age')).toBe('31.1 s open, silent for the last 10.0 s');
    expect(text('drop-lost')).toBe('nothing · resumed from k3f9.412');
    await page.find('[data-testid="cure-heartbeat"]').trigger('click');
    await flushPromises();
    expect(calls).toEqual([['heartbeat', { everyMs: 5000 }]]);
    await page.find('[data-testid="cure-undo"]').trigger('click');
    expect(calls[1]).toEqual(['heartbeat', { everyMs: demoConfig().heartbeatMs }]);
  });

  it('what was missed is named by its cursors, in red', async () => {
    const { page, text } = await card({}, { resume: { first: 'k3f9.415', missed: 2 } });
    expect(text('drop-lost')).toBe('2 events, k3f9.413 to 414 · resumed from k3f9.412');
    expect(page.find('[data-testid="drop-lost"] b.loss').exists()).toBe(true);
  });

  it('a silence longer than the limit is laid to what buffers before it, or to the path that came late', async () => {
    const buffered = await card({ silence: 34_600 }, { via: ['nginx-default', 'idle-timeout:after=12s'], laidAt: -10 });
    expect(buffered.text('drop-why')).toContain(
      'The path’s limit is 12 s, yet this client had heard nothing for 34.6 s',
    );
    setActivePinia(createPinia());
    const late = await card({ silence: 15_400 }, { laidAt: 31 });
    expect(late.text('drop-why')).toContain('Nobody had spoken for 15.4 s when the path, which ends what is silent for 10 s, was laid under it.'); // prettier-ignore
  });

  it('an unknown closer stays unknown, and one drop alone proves nothing', async () => {
    const { page, text } = await card({ cause: undefined, by: 'unknown' } as unknown as DropFact, {
      via: [],
      resume: null,
    });
    expect(text('drop-by')).toBe('FIN from there; who sent it cannot be known');
    expect(text('drop-why')).toContain('cannot be known from one drop');
    expect(text('drop-lost')).toContain('not known');
    expect(page.find('[data-testid="cure-none"]').exists()).toBe(true);
    expect(page.find('[data-testid="drop-doctor"]').attributes()).toMatchObject({ disabled: '', title: expect.stringContaining('Doctor') }); // prettier-ignore
  });

  it('what ended alike before is told with its confidence, never as a fact', async () => {
    const { lane, text } = await card({ cause: undefined, by: 'unknown' } as unknown as DropFact, {
      via: [],
      resume: null,
    });
    lane.findings.push({
      code: 'idle-limit',
      text: 'Three connections ended after 60 s of silence',
      value: 60_000,
      confidence: 0.8,
    });
    useLive().figures++;
    await flushPromises();
    expect(text('drop-why')).toContain(
      'Three connections ended after 60 s of silence. Inferred from this lane’s drops, confidence 80 %.',
    );
    expect(text('cure-heartbeat')).toBe('Heartbeat every 30 s');
  });

  it('walks the other drops with [ and ], and stands still while it is open', async () => {
    const { page } = await card({});
    expect(page.find('[data-testid="drop-place"]').text()).toBe('0:31.10, 1 of 1 drops');
    expect(useLive().frozenAt).not.toBeNull();
    useSight().closeDrop();
    expect(useLive().frozenAt).toBeNull();
  });
});

it('as a scenario it can be played: the lane, the path, and what ended it', async () => {
  const { lane } = await card({ cause: 'cut', evidence: 'rst' });
  const text = dropScenario(lane, lane.drops.last!, ['nginx-tuned'], demoConfig());
  const { scenario, problems } = readScenarioDocument(text);
  expect(problems).toEqual([]);
  expect(scenario).toMatchObject({
    lanes: [{ method: 'sse' }],
    path: ['nginx-tuned'],
    schedule: [{ do: 'cut', at: 32_000 }],
  });
});
