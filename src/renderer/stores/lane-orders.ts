import type { Method } from '../../shared/catalog.ts';
import type { LaneModel } from '../model/lane-model.ts';
import { useLive } from './live.ts';
import { useSight } from './sight.ts';

/** What a person can do to the lanes of a run that goes on. Failures stand in the notice bar. */
export function useLaneOrders() {
  const live = useLive();
  const sight = useSight();

  const add = (method: Method): Promise<unknown> => live.call((api) => api.addLane({ method }));

  /** Like this one, under it. */
  const duplicate = (lane: LaneModel): Promise<unknown> =>
    live.call((api) =>
      api.addLane({ method: lane.method, like: lane.id, name: copyName(lane), client: { ...lane.client } }),
    );

  const copyName = (lane: LaneModel): string => {
    const names = new Set(live.run?.lanes.map((l) => l.label));
    for (let n = 2; ; n++) {
      const name = `${lane.label.replace(/ \d+$/, '')} ${n}`;
      if (!names.has(name)) return name;
    }
  };

  const indexOf = (lane: LaneModel): number => live.run?.lanes.indexOf(lane) ?? -1;

  function move(lane: LaneModel, to: number): void {
    const last = (live.run?.lanes.length ?? 1) - 1;
    const position = Math.max(0, Math.min(last, to));
    if (position !== indexOf(lane)) void live.call((api) => api.changeLane({ lane: lane.id, position }));
  }

  function remove(lane: LaneModel): void {
    if (sight.soloLane === lane.id) sight.soloLane = null;
    void live.call((api) => api.removeLane({ lane: lane.id }));
  }

  /** Shown alone: the others go on as strips. */
  const toggleSolo = (lane: LaneModel): void => void (sight.soloLane = sight.soloLane === lane.id ? null : lane.id);

  /** Its next connection is made with the settings it has now. */
  async function reconnect(lane: LaneModel): Promise<void> {
    await live.call((api) => api.stopLane({ lane: lane.id }));
    await live.call((api) => api.startLane({ lane: lane.id }));
  }

  return { add, duplicate, indexOf, move, remove, toggleSolo, reconnect };
}
