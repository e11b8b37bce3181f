import { describe, expect, it } from 'vitest';
import { candidatesFor, faultsOf } from '../../../src/engine/reproduce/candidates.ts';
import type { Incident, IncidentDrop } from '../../../src/engine/reproduce/incident.ts';

const drop = (at: number, more: Partial<IncidentDrop> = {}): IncidentDrop => ({
  at,
  lane: 'sse',
  evidence: 'fin',
  cause: null,
  silence: 8010,
  age: 12_000,
  ...more,
});
const incident = (drops: IncidentDrop[], more: Partial<Incident> = {}): Incident => ({
  lanes: [{ id: 'sse', method: 'sse' }],
  durationMs: 60_000,
  events: [],
  drops,
  sleeps: [],
  offline: [],
  via: [],
  heartbeatMs: null,
  holdMs: 25_000,
  pollMs: 2000,
  ledger: {},
  ...more,
});

describe('what may reproduce an incident', () => {
  it('is nothing where nothing was dropped', () => {
    expect(candidatesFor(incident([]))).toEqual([{ path: [], steps: [] }]);
  });

  it('is a limit of one fault where silences agree, tried before cuts by hand', () => {
    const found = candidatesFor(incident([drop(10_000), drop(25_000), drop(40_000)]));
    expect(found[0]).toEqual({ path: ['idle-timeout:after=8000ms'], steps: [] });
    expect(found.map(faultsOf)).toEqual([...found.map(faultsOf)].sort((a, b) => a - b));
  });

  it('is what was done to client and server, where the recording knows it', () => {
    const found = candidatesFor(
      incident([
        drop(5000, { cause: 'cut', evidence: 'rst' }),
        drop(5100, { cause: 'cut', evidence: 'rst', lane: 'websocket' }),
        drop(20_000, { cause: 'restart' }),
      ]),
    );
    expect(found[0]).toEqual({
      path: [],
      steps: [
        { at: '5000ms', do: 'cut', end: 'rst' },
        { at: '20000ms', do: 'restart-server' },
      ],
    });
  });
});
