import { describe, expect, it } from 'vitest';
import { laneFigures, whyNoLatency } from '../../../../src/renderer/features/live/figures.ts';
import { RunModel } from '../../../../src/renderer/model/run-model.ts';
import type { Method } from '../../../../src/shared/catalog.ts';
import type { Fact } from '../../../../src/shared/observation.ts';
import { event, snapshot, START, teller } from '../../helpers.ts';

const eventLate = (seq: number, latency: number): Fact => event(seq, { latency });

function runOf(...facts: [atSeconds: number, lane: Method | null, fact: Fact][]): RunModel {
  const run = new RunModel(snapshot());
  const tell = teller();
  for (const [at, lane, fact] of facts) run.applyObservation(tell(at, lane, fact));
  return run;
}

describe('the figures of a lane', () => {
  it('are of the whole run, of the last minute, and of what came since a change or a reset', () => {
    const run = runOf(
      [1, 'sse', eventLate(1, 400)],
      [2, 'sse', eventLate(2, 400)],
      [100, null, { type: 'path', via: ['slow-line'], label: 'Slow line', idleLimitMs: null }],
      [101, 'sse', eventLate(3, 50)],
      [102, 'sse', eventLate(4, 50)],
      [103, 'sse', eventLate(5, 50)],
    );
    const sse = run.lane('sse')!;
    const figures = (window: Parameters<typeof laneFigures>[3]) => laneFigures(sse, START + 104_000, null, window);
    expect(figures('all')).toMatchObject({ received: 5, p95: '400 ms' });
    expect(figures('minute')).toMatchObject({ received: 3, p95: '50 ms' });
    expect(figures('change')).toMatchObject({ received: 3, p95: '50 ms' });
    run.resetFigures(START + 104_000);
    expect(figures('reset')).toMatchObject({ received: 0, p50: '–', missed: '0 missed' });
  });

  it('leave out of the latency what was published while the client slept', () => {
    const run = runOf(
      [1, 'sse', eventLate(1, 20)],
      [2, 'sse', { type: 'sleep', phase: 'begin', what: 'lane' }],
      [12, 'sse', { type: 'sleep', phase: 'end', what: 'lane' }],
      [12.1, 'sse', eventLate(2, 6000)],
      [13, 'sse', eventLate(3, 20)],
    );
    expect(laneFigures(run.lane('sse')!, START + 14_000, null)).toMatchObject({
      received: 3,
      p50: '20 ms',
      p95: '20 ms',
    });
  });

  it('of a lane that was only ever refused are unknown, never 0', () => {
    const refused: Fact = { type: 'drop', evidence: 'refused', by: 'unknown', silence: 0, detected: null };
    const again: Fact = { type: 'reconnect', attempt: 1, delay: 500, cursor: 'k3f9.7' };
    const run = runOf([1, 'sse', refused], [1, 'sse', again], [2, 'sse', refused]);
    const sse = run.lane('sse')!;
    expect(laneFigures(sse, START + 3000, null)).toMatchObject({
      missed: '–',
      repeated: '–',
      p50: '–',
      bytesPerEvent: '–',
    });
    expect(sse.tally.availability).toMatchObject({ drops: 2, failedAttempts: 2 });
  });

  it('say why there is no latency where the clock is scaled', () => {
    const { config } = snapshot();
    const none = whyNoLatency({ ...config, timeScale: 10 });
    expect(none).toContain('time ×10');
    expect(whyNoLatency(config)).toBeNull();
    const run = runOf([1, 'sse', event(1, { latency: null })]);
    expect(laneFigures(run.lane('sse')!, START + 2000, null, 'all', none)).toMatchObject({ p50: '–', noLatency: none });
  });
});
