import { describe, expect, it } from 'vitest';
import { RunModel } from '../../../src/renderer/model/run-model.ts';
import { markTooltip } from '../../../src/renderer/timeline/mark-tooltip.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';
import { demoConfig } from '../demo/demo-engine.ts';
import { event, snapshot, START, teller } from '../helpers.ts';

const target: RemoteTarget = {
  kind: 'remote',
  name: 'theirs',
  base: 'http://127.0.0.1:9000',
  urls: {},
  channel: 'demo',
  headers: {},
  dialect: 'nchan',
};
const foreign = (): RunModel => new RunModel(snapshot({ config: { ...demoConfig(), target } }));

describe('what a server that is not ours published', () => {
  it('stands where the first lane saw it, once, and says that this is not when it was published', () => {
    const run = foreign();
    const tell = teller();
    run.applyObservation(tell(1, 'sse', event(1)));
    run.applyObservation(tell(1.2, 'websocket', event(1)));
    run.applyObservation(tell(3, 'short-polling', event(1)));
    run.applyObservation(tell(4, 'websocket', event(2)));
    const marks = run.published.items;
    expect(marks.map((m) => [m.cursor, m.seenBy, m.at - START])).toEqual([
      ['k3f9.1', 'sse', 1000],
      ['k3f9.2', 'websocket', 4000],
    ]);
    const words = markTooltip({ kind: 'publish', publish: marks[0]! });
    expect(words.title).toBe('First seen');
    expect(words.text).toContain('cannot be known');
  });

  it('does not double what was published from here, named or not', () => {
    const run = foreign();
    const tell = teller();
    run.applyObservation(tell(1, null, { type: 'publish', cursor: 'k3f9.1', event: 'note', bytes: 4 }));
    run.applyObservation(tell(1.1, 'sse', event(1)));
    run.applyObservation(tell(2, null, { type: 'publish', cursor: null, event: 'note', bytes: 4 }));
    run.applyObservation(tell(2.1, 'sse', event(2)));
    run.applyObservation(tell(2.2, 'websocket', event(2)));
    expect(run.published.items.map((m) => m.seenBy)).toEqual([null, null]);
  });

  it('leaves out what was there before, and what cannot be told apart', () => {
    const run = foreign();
    const tell = teller();
    run.applyObservation(tell(1, 'sse', event(1, { replayed: true })));
    run.applyObservation(tell(1.1, 'websocket', event(1)));
    run.applyObservation(tell(1.2, 'sse', event(2, { cursor: null, id: null })));
    expect(run.published.items).toEqual([]);
  });

  it('is known of our own server, and not guessed', () => {
    const run = new RunModel(snapshot());
    run.applyObservation(teller()(1, 'sse', event(1)));
    expect(run.published.items).toEqual([]);
  });
});
