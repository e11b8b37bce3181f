import { describe, expect, it } from 'vitest';
import { eventRow } from '../../../../src/renderer/features/drawer/event-rows.ts';
import { catchUpMs, reopenMs } from '../../../../src/renderer/model/ledger.ts';
import { RunModel } from '../../../../src/renderer/model/run-model.ts';
import type { Fact } from '../../../../src/shared/observation.ts';
import { event, snapshot, START, teller } from '../../helpers.ts';

const row = (fact: Fact) => eventRow(teller()(1, 'sse', fact), START);
const drop: Fact = { type: 'drop', evidence: 'fin', cause: 'idle-limit', by: 'path', silence: 10_000, age: 34_600, detected: 9 }; // prettier-ignore

describe('a row of the events list', () => {
  it('has back-off in a column of its own, and only lateness under latency', () => {
    expect(row({ type: 'reconnect', attempt: 2, delay: 1500, cursor: 'k3f9.1' })).toMatchObject({
      what: 'attempt 2',
      latency: '–',
      backoff: '1,500 ms',
    });
    expect(row(event(1, { latency: 7 }))).toMatchObject({ latency: '7 ms', backoff: '' });
    expect(row({ type: 'heartbeat', kind: 'pong', dir: 'in', rtt: 3 })).toMatchObject({ latency: '–' });
    expect(row({ type: 'response', id: 1, status: 200, bytes: 0, took: 9990, empty: true })).toMatchObject({
      what: 'nothing new after 9,990 ms',
      latency: '–',
    });
  });

  it('shows how old a connection was beside its silence, and when its end was noticed', () => {
    expect(row(drop).what).toBe('FIN · idle 10.0 s · age 34.6 s, silent 10.0 s · noticed after 9 ms');
  });

  it('says “cannot know” of what was missed', () => {
    const resume: Fact = { type: 'resume', sent: '7', first: '9', missed: null, repeated: 0, epochChanged: false, after: 'fin' }; // prettier-ignore
    expect(row(resume).what).toContain('missed: cannot know');
  });
});

describe('what an outage took', () => {
  const resume = (first: string | null): Fact => ({ type: 'resume', sent: 'k3f9.1', first, missed: 0, repeated: 0, epochChanged: false, after: 'fin' }); // prettier-ignore
  const opened: Fact = { type: 'state', from: 'connecting', to: 'open', reason: 'connected' };
  const publish = (cursor: string): Fact => ({ type: 'publish', cursor, event: 'note', bytes: 9 });

  function outage(publishedAt: number | null): RunModel {
    const run = new RunModel(snapshot());
    const tell = teller();
    run.applyObservation(tell(1, 'sse', opened));
    run.applyObservation(tell(20, 'sse', drop));
    if (publishedAt !== null && publishedAt < 22) run.applyObservation(tell(publishedAt, null, publish('k3f9.2')));
    run.applyObservation(tell(22, 'sse', opened));
    if (publishedAt !== null && publishedAt >= 22) run.applyObservation(tell(publishedAt, null, publish('k3f9.2')));
    run.applyObservation(tell(40, 'sse', resume('k3f9.2')));
    return run;
  }

  it.each([
    ['was published while it was away: until it came', 21, { ms: 20_000, atMost: false }],
    ['was published long after: nothing was left to come', 39, { ms: 2000, atMost: false }],
    ['was published nobody knows when: at most until it came', null, { ms: 20_000, atMost: true }],
  ])('is caught up, where the first event %s', (_, publishedAt, caughtUp) => {
    const [entry] = outage(publishedAt).ledger.items;
    expect(reopenMs(entry!)).toBe(2000);
    expect(catchUpMs(entry!)).toEqual(caughtUp);
  });
});

it('a failed attempt to connect is no drop in the events list', () => {
  const refused: Fact = { type: 'drop', evidence: 'refused', by: 'unknown', silence: 0, detected: null };
  expect(row(refused).kind).toBe('failed');
  expect(row({ ...refused, evidence: 'rst', cause: 'target-unreachable' }).kind).toBe('failed');
  expect(row(drop).kind).toBe('drop');
});
