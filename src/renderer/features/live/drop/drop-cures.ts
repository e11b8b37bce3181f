/** What would keep it from happening again, as an order to the run and the order that undoes it. */
import type { EngineApi } from '../../../../shared/api.ts';
import { METHOD_LABEL } from '../../../../shared/catalog.ts';
import { explainPath } from '../../../../shared/path/explain.ts';
import type { Cure } from '../../../../shared/path/outcome.ts';
import type { PathStep } from '../../../../shared/path/spec.ts';
import type { RunConfig } from '../../../../shared/run-config.ts';
import type { DropMark } from '../../../model/lane-marks.ts';
import type { LaneModel } from '../../../model/lane-model.ts';
import { durationLabel } from '../../../ui/duration-label.ts';

type Order = (api: EngineApi) => Promise<unknown>;

export interface DropCure {
  id: string;
  label: string;
  /** Null: nothing here can do it; the label is advice. */
  act: Order | null;
  undo: Order | null;
}

export interface CureInput {
  lane: LaneModel;
  drop: DropMark;
  steps: readonly PathStep[] | null;
  config: RunConfig;
  pongs: boolean;
  /** A silence the lane's drops have in common on a path that is not ours, ms. */
  foundLimitMs: number | null;
}

/** Best first; empty where there is nothing to cure, or nothing is known that would. */
export function dropCures(input: CureInput): DropCure[] {
  const { drop, steps, lane, pongs, foundLimitMs } = input;
  if (drop.cause === 'pong-deadline' && !pongs) return [answerPings()];
  if (drop.cause === 'idle-limit' && steps) {
    return explainPath(steps, lane.method).cures.flatMap((cure) => cureOrders(cure, input));
  }
  if (drop.cause === undefined && foundLimitMs !== null) {
    return lane.method === 'long-polling'
      ? [shorterHold(foundLimitMs, input)]
      : [heartbeat(Math.max(1000, Math.floor(foundLimitMs / 2000) * 1000), input)];
  }
  return [];
}

function cureOrders(cure: Cure, input: CureInput): DropCure[] {
  switch (cure.by) {
    case 'heartbeat':
      return cure.everyMs === null ? [] : [heartbeat(cure.everyMs, input)];
    case 'shorter-hold':
      return [shorterHold(cure.underMs, input)];
    case 'response-field':
      return [
        { id: 'field', label: `Have the server send ${cure.field.name}: ${cure.field.value}`, act: null, undo: null },
      ];
    case 'another-method': {
      const { method } = cure;
      if (method === null) return [];
      return [
        {
          id: 'method',
          label: `Add a ${METHOD_LABEL[method]} lane`,
          act: (api) => api.addLane({ method }),
          undo: null,
        },
      ];
    }
    case 'none':
      return [];
  }
}

/** By the server where it is ours; else by the lane's own pings, where its method has any. */
function heartbeat(everyMs: number, { lane, config }: CureInput): DropCure {
  const every = durationLabel(everyMs);
  if (config.target.kind === 'embedded') {
    const before = config.heartbeatMs;
    return {
      id: 'heartbeat',
      label: `Heartbeat every ${every}`,
      act: (api) => api.setHeartbeat({ everyMs }),
      undo: (api) => api.setHeartbeat({ everyMs: before }),
    };
  }
  if (lane.method === 'websocket') {
    const before = lane.client;
    const client = { ...before, pingMs: everyMs };
    return {
      id: 'ping',
      label: `Ping every ${every}, from the next connection`,
      act: (api) => api.changeLane({ lane: lane.id, client }),
      undo: (api) => api.changeLane({ lane: lane.id, client: before }),
    };
  }
  return { id: 'advice', label: `Have the server send a comment every ${every}`, act: null, undo: null };
}

function shorterHold(underMs: number, { lane }: CureInput): DropCure {
  const holdMs = Math.max(100, Math.floor((underMs * 0.8) / 100) * 100);
  const before = lane.client;
  return {
    id: 'hold',
    label: `Hold ${durationLabel(holdMs)}`,
    act: (api) => api.changeLane({ lane: lane.id, client: { ...before, holdMs } }),
    undo: (api) => api.changeLane({ lane: lane.id, client: before }),
  };
}

const answerPings = (): DropCure => ({
  id: 'pongs',
  label: 'Answer pings again',
  act: (api) => api.setPongs({ on: true }),
  undo: (api) => api.setPongs({ on: false }),
});
