import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineApi } from '../../../src/shared/api.ts';
import { Failure } from '../../../src/shared/failure.ts';
import type { Connect } from '../../../src/renderer/connection/connection.ts';
import type { FeedHandlers } from '../../../src/rpc/client.ts';
import { useLive } from '../../../src/renderer/stores/live.ts';
import { INFO } from '../demo/demo-engine.ts';
import { idleLimitOf } from '../../../src/renderer/features/live/idle-limit.ts';
import { ledgerRow } from '../../../src/renderer/features/drawer/ledger-rows.ts';
import { event, laneSnapshot, snapshot, START, teller } from '../helpers.ts';

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => vi.useRealTimers());

describe('the live store', () => {
  it('folds batches once a frame: counts, cursors and trails follow, in order', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({
      seq: 1,
      now: START + 1000,
      observations: [tell(0.5, 'sse', event(1)), tell(0.6, 'sse', event(2))],
    });
    live.takeBatch({ seq: 2, now: START + 1050, observations: [tell(0.9, 'sse', event(3))] });
    expect(live.run!.lane('sse')!.tally.continuity.received).toBe(0);
    live.applyPending();
    const lane = live.run!.lane('sse')!;
    expect(lane.tally.continuity.unique).toBe(3);
    expect(lane.cursor).toBe('k3f9.3');
    expect(lane.events.items.map((e) => e.n)).toEqual([1, 2, 3]);
  });

  it('folds at once when too much has piled up, as in a hidden page', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    const observations = Array.from({ length: 6000 }, (_, i) => tell(i / 1000, 'sse', event(i)));
    live.takeBatch({ seq: 1, now: START + 6000, observations });
    expect(live.run!.lane('sse')!.tally.continuity.received).toBe(6000);
  });

  it('goes on from a second snapshot of the same run without counting twice', () => {
    const live = useLive();
    const tell = teller();
    const first = [tell(1, 'sse', event(1)), tell(2, 'sse', event(2))];
    live.takeSnapshot(snapshot());
    live.takeBatch({ seq: 1, now: START + 2000, observations: first });
    live.applyPending();
    const missedMeanwhile = tell(3, 'sse', event(3));
    const known = live.run!.lane('sse')!.tally;
    const counted = structuredClone(known);
    counted.continuity.received = 3;
    counted.continuity.unique = 3;
    live.takeSnapshot(
      snapshot({
        n: 3,
        now: START + 3000,
        recent: [...first, missedMeanwhile],
        lanes: [laneSnapshot('sse', { state: 'open', cursor: 'k3f9.3', tally: counted })],
      }),
    );
    const lane = live.run!.lane('sse')!;
    expect(lane.tally.continuity.received).toBe(3);
    expect(lane.events.items.map((e) => e.n)).toEqual([1, 2, 3]);
    live.takeBatch({ seq: 2, now: START + 3100, observations: [missedMeanwhile, tell(3.1, 'sse', event(4))] });
    live.applyPending();
    expect(lane.tally.continuity.received).toBe(4);
  });

  it('starts afresh with another run', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({ seq: 1, now: START + 1000, observations: [tell(1, 'sse', event(1))] });
    live.applyPending();
    live.takeSnapshot(snapshot({ runStartedAt: START + 60_000, now: START + 60_000 }));
    expect(live.run!.lane('sse')!.events.items).toEqual([]);
    expect(live.run!.facts.items).toEqual([]);
  });

  it('follows changed settings and the path', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({
      seq: 1,
      now: START + 1000,
      observations: [
        tell(0.1, null, {
          type: 'setting',
          name: 'heartbeat',
          value: 'off',
          set: { name: 'heartbeat', everyMs: null },
        }),
        tell(0.2, null, { type: 'setting', name: 'offline', value: 'on', set: { name: 'offline', offline: true } }),
        tell(0.3, null, { type: 'setting', name: 'pongs', value: 'muted', set: { name: 'pongs', answered: false } }),
        tell(0.4, null, {
          type: 'path',
          via: ['idle-timeout:after=10s'],
          label: 'idle limit 10 s',
          idleLimitMs: 10_000,
        }),
      ],
    });
    live.applyPending();
    expect(live.config!.heartbeatMs).toBeNull();
    expect(live.offline).toBe(true);
    expect(live.pongs).toBe(false);
    expect(live.run!.path).toMatchObject({ label: 'idle limit 10 s', idleLimitMs: 10_000 });
  });

  it('knows that connections go past what reads HTTP on the path, until they are cut or the path is another', () => {
    const live = useLive();
    const tell = teller();
    let seq = 0;
    type Reported = Parameters<typeof tell>[2];
    const reported = (...facts: Reported[]): boolean => {
      const observations = facts.map((fact) => tell(++seq, null, fact));
      live.takeBatch({ seq, now: START + seq * 1000, observations });
      live.applyPending();
      return live.bypassed;
    };
    const path = (via: string): Reported => ({ type: 'path', via: [via], label: via, idleLimitMs: 60_000 });
    const limit = () => idleLimitOf(live.run, live.run!.lane('sse')!, live.bypassed);
    const past = { type: 'notice', level: 'info', code: 'next-connections', message: 'They pass it by.' } as const;
    live.takeSnapshot(snapshot({ lanes: [laneSnapshot('sse', { state: 'open', since: START })] }));
    expect(reported(path('nginx-default'), past)).toBe(true);
    expect(limit()).toBe(null);
    expect(reported({ type: 'setting', name: 'cut-all', value: '3 connections, fin' })).toBe(false);
    expect(limit()).toBe(60_000);
    expect(reported(path('haproxy'), past)).toBe(true);
    expect(reported(path('direct'))).toBe(false);
    expect(reported(past)).toBe(true);
    live.takeSnapshot(snapshot({ runStartedAt: START + 60_000 }));
    expect(live.bypassed).toBe(false);
    // a page that comes later learns it from what is still remembered
    const fact = teller();
    const recent = [fact(1, null, path('nginx-default')), fact(1, null, past)];
    live.takeSnapshot(snapshot({ runStartedAt: START + 120_000, n: 2, recent }));
    expect(live.bypassed).toBe(true);
  });

  it('keeps its last moment when the engine is lost, and looks for it until it is back', async () => {
    vi.useFakeTimers();
    const live = useLive();
    const calls: FeedHandlers[] = [];
    let refuse = 0;
    const connect: Connect = (handlers) => {
      if (refuse-- > 0) return Promise.reject(new Error('connection refused'));
      calls.push(handlers);
      return Promise.resolve({ api: { info: async () => INFO } as EngineApi, close: () => {} });
    };
    void live.follow(connect);
    await vi.advanceTimersByTimeAsync(1);
    calls[0]!.snapshot(snapshot({ now: START + 5000 }));
    expect(live.link).toBe('live');
    refuse = 1;
    calls[0]!.closed('The engine process ended.');
    await vi.advanceTimersByTimeAsync(1);
    expect(live.link).toBe('lost');
    expect(live.lostReason).toBe('The engine process ended.');
    const stood = live.viewTime();
    await vi.advanceTimersByTimeAsync(400);
    expect(live.viewTime()).toBe(stood);
    await vi.advanceTimersByTimeAsync(4000);
    expect(calls).toHaveLength(2);
    calls[1]!.snapshot(snapshot({ now: START + 10_000 }));
    expect(live.link).toBe('live');
    live.dispose();
  });

  it('keeps what went wrong with an order as data, and does not throw', async () => {
    const live = useLive();
    live.api = {
      setPath: async () => {
        throw new Failure({
          code: 'unknown-preset',
          message: '"nginks" is not a preset.',
          hint: 'Did you mean nginx?',
        });
      },
    } as unknown as EngineApi;
    await live.call((api) => api.setPath({ path: [] }));
    expect(live.problem).toMatchObject({ code: 'unknown-preset', hint: 'Did you mean nginx?' });
  });
});

describe('the cursor ledger', () => {
  it('pairs each drop with its resume, and says what cannot be known', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({
      seq: 1,
      now: START + 9000,
      observations: [
        tell(1, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
        tell(5, 'sse', { type: 'drop', evidence: 'rst', cause: 'cut', by: 'path', silence: 300, detected: 1 }),
        tell(5, 'sse', { type: 'state', from: 'open', to: 'waiting', reason: 'back-off', until: START + 7000 }),
        tell(7, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
        tell(7.2, 'sse', {
          type: 'resume',
          sent: '17',
          first: '19',
          missed: null,
          repeated: 1,
          epochChanged: false,
          after: 'rst',
        }),
      ],
    });
    live.applyPending();
    const [entry] = live.run!.ledger.items;
    expect(live.run!.ledger.items).toHaveLength(1);
    expect(entry).toMatchObject({ lane: 'sse', drop: { evidence: 'rst' }, resume: { missed: null, repeated: 1 } });
    expect(live.run!.lane('sse')!.recoveries.last).toMatchObject({ from: START + 5000, reconnectedAt: START + 7000 });
  });

  it('makes one row of a loss and the tries that failed after it', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    const drop = (at: number, from: 'open' | 'connecting', evidence: 'rst' | 'refused') => [
      tell(at, 'sse', { type: 'drop', evidence, by: 'unknown', silence: 0, detected: null }),
      tell(at, 'sse', { type: 'state', from, to: 'waiting', reason: 'back-off', until: START + at * 1000 + 500 }),
      tell(at + 0.5, 'sse', { type: 'state', from: 'waiting', to: 'connecting', reason: 'back-off' }),
    ];
    live.takeBatch({
      seq: 1,
      now: START + 9000,
      observations: [
        tell(1, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
        ...drop(2, 'open', 'rst'),
        ...drop(3, 'connecting', 'refused'),
        ...drop(4, 'connecting', 'refused'),
        tell(5, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
        tell(5.1, 'sse', {
          type: 'resume',
          sent: 'k3f9.1',
          first: 'k3f9.2',
          missed: 0,
          repeated: 0,
          epochChanged: false,
          after: 'rst',
        }),
        ...drop(6, 'open', 'rst'),
      ],
    });
    live.applyPending();
    const rows = live.run!.ledger.items.map((e) => ledgerRow(e, START));
    expect(rows).toMatchObject([
      {
        endedBy: 'RST',
        tries: '2 tries to come back failed',
        missed: '0',
        age: '1.0 s',
        silence: '0.0 s',
        reopened: '3,000 ms',
        caughtUp: '≤ 3,100 ms',
      },
      { endedBy: 'RST', tries: '', missed: '–' },
    ]);
  });

  it('writes down a gap in a connection that lived on, but not twice where a resume tells of it', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    const gap = { type: 'gap', from: 'k3f9.4', to: 'zz00.0', missed: null, reason: 'epoch' } as const;
    const opened = { type: 'state', from: 'connecting', to: 'open', reason: 'connected' } as const;
    live.takeBatch({
      seq: 1,
      now: START + 9000,
      observations: [
        tell(1, 'sse', opened),
        tell(1, 'websocket', opened),
        tell(2, 'sse', gap),
        tell(2, 'websocket', { type: 'drop', evidence: 'rst', by: 'unknown', silence: 0, detected: null }),
        tell(3, 'websocket', opened),
        tell(3, 'websocket', gap),
        tell(4, 'websocket', {
          type: 'resume',
          sent: 'k3f9.4',
          first: 'zz00.1',
          missed: null,
          repeated: 0,
          epochChanged: true,
          after: 'rst',
        }),
      ],
    });
    live.applyPending();
    expect(live.run!.ledger.items.map((e) => ledgerRow(e, START))).toMatchObject([
      {
        lane: 'sse',
        endedBy: 'log lost · another epoch',
        sent: 'k3f9.4',
        missed: 'cannot know',
        reopened: '–',
        caughtUp: '–',
      },
      { lane: 'websocket', endedBy: 'RST', missed: 'cannot know', epoch: 'new' },
    ]);
    expect(live.run!.lane('sse')!.cursor).toBe('zz00.0');
  });

  it('lays what died in a sleep to the sleep', () => {
    const live = useLive();
    const tell = teller();
    live.takeSnapshot(snapshot());
    live.takeBatch({
      seq: 1,
      now: START + 40_000,
      observations: [
        tell(1, 'sse', { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }),
        tell(2, 'sse', { type: 'sleep', phase: 'begin', what: 'lane', timers: 'fire', until: START + 32_000 }),
        tell(2, 'sse', { type: 'state', from: 'open', to: 'asleep', reason: 'sleep', until: START + 32_000 }),
        tell(32, 'sse', { type: 'sleep', phase: 'end', what: 'lane', timers: 'fire' }),
        tell(32, 'sse', { type: 'state', from: 'asleep', to: 'open', reason: 'wake' }),
        tell(32.02, 'sse', event(2)),
        tell(32.03, 'sse', {
          type: 'drop',
          evidence: 'fin',
          cause: 'idle-limit',
          by: 'path',
          silence: 10,
          detected: 13_000,
        }),
      ],
    });
    live.applyPending();
    const lane = live.run!.lane('sse')!;
    expect(live.run!.ledger.items.map((e) => ledgerRow(e, START).endedBy)).toEqual(['slept 30.0 s · idle']);
    expect(lane.endedAsleep(lane.drops.last!)).toBe(true);
  });
});
