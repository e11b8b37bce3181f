import type { LabSnapshot, LaneSnapshot } from '../../src/shared/api.ts';
import { METHODS, type Method } from '../../src/shared/catalog.ts';
import { newTally } from '../../src/shared/measure/tally.ts';
import type { Fact, Observation } from '../../src/shared/observation.ts';
import { demoConfig } from './demo/demo-engine.ts';

export const START = 1_700_000_000_000;

export function laneSnapshot(method: Method, over: Partial<LaneSnapshot> = {}): LaneSnapshot {
  return {
    id: method,
    method,
    url: `http://127.0.0.1:7410/events/demo`,
    name: null,
    client: {},
    state: 'connecting',
    phase: null,
    since: START,
    until: null,
    cursor: null,
    tally: newTally(method, 'http://127.0.0.1:7410/events/demo'),
    ...over,
  };
}

export function snapshot(over: Partial<LabSnapshot> = {}): LabSnapshot {
  return {
    n: 0,
    now: START,
    runStartedAt: START,
    config: demoConfig(),
    lanes: METHODS.map((m) => laneSnapshot(m)),
    path: { via: [], label: 'Direct', idleLimitMs: null },
    server: { running: true, url: 'http://127.0.0.1:7410', epoch: 'k3f9', head: 'k3f9.0', floor: 'k3f9.0' },
    offline: false,
    asleepUntil: null,
    pongs: true,
    recording: null,
    scenario: null,
    recent: [],
    forgotten: 0,
    ...over,
  };
}

/** Facts as an engine would number and stamp them. `t` is seconds of run time. */
export function teller(from = 0): (t: number, lane: Method | null, fact: Fact) => Observation {
  let n = from;
  return (t, lane, fact) => ({ v: 1, n: ++n, at: START + Math.round(t * 1000), lane, ...fact });
}

export const event = (seq: number, over: Partial<Fact & { type: 'event' }> = {}): Fact => ({
  type: 'event',
  cursor: `k3f9.${seq}`,
  id: `k3f9.${seq}`,
  event: 'note',
  bytes: 90,
  latency: 5,
  duplicate: false,
  ...over,
});
