import type { Method } from '../../shared/catalog.ts';
import type { LaneClient, LaneSpec } from '../../shared/run-config.ts';

/** A lane that is going to run: id = method, then `sse-2` … */
export interface LaneUrl {
  id: string;
  method: Method;
  url: string;
  /** What a person calls it. */
  name?: string;
  /** Where this lane differs from the run. */
  client?: LaneClient;
}

/** The lanes of a run in their order, each with what it was given. The id of one that was removed is not given again. */
export class LaneRoster {
  #lanes: { spec: LaneSpec; lane: LaneUrl }[] = [];
  readonly #counts = new Map<Method, number>();

  get lanes(): LaneUrl[] {
    return this.#lanes.map(({ lane }) => lane);
  }

  /** As a run's configuration has them. */
  get specs(): LaneSpec[] {
    return this.#lanes.map(({ spec }) => spec);
  }

  get ids(): string[] {
    return this.#lanes.map(({ lane }) => lane.id);
  }

  find(id: string): LaneUrl | undefined {
    return this.#lanes.find(({ lane }) => lane.id === id)?.lane;
  }

  specOf(id: string): LaneSpec {
    return this.#lanes.find(({ lane }) => lane.id === id)!.spec;
  }

  /** @param url what the lane follows: its own, or what target and dialect give */
  add(spec: LaneSpec, url: string): LaneUrl {
    const count = (this.#counts.get(spec.method) ?? 0) + 1;
    this.#counts.set(spec.method, count);
    const id = count === 1 ? spec.method : `${spec.method}-${count}`;
    return this.#insert(spec, { id, method: spec.method, url });
  }

  /** @param change a `name` of null takes the name away */
  change(id: string, { name, client }: { name?: string | null; client?: LaneClient }): void {
    const at = this.#lanes.findIndex(({ lane }) => lane.id === id);
    const { spec, lane } = this.#lanes[at]!;
    const { name: oldName, client: oldClient, ...rest } = spec;
    const newName = name === undefined ? oldName : (name ?? undefined);
    const newClient = client ?? oldClient;
    const changed: LaneSpec = {
      ...rest,
      ...(newName === undefined ? {} : { name: newName }),
      ...(newClient === undefined ? {} : { client: newClient }),
    };
    this.#lanes[at] = { spec: changed, lane: named({ id, method: lane.method, url: lane.url }, changed) };
  }

  move(id: string, position: number): void {
    const at = this.#lanes.findIndex(({ lane }) => lane.id === id);
    const [moved] = this.#lanes.splice(at, 1);
    this.#lanes.splice(Math.min(position, this.#lanes.length), 0, moved!);
  }

  /** Where the other still is. */
  moveUnder(id: string, other: string): void {
    const at = this.ids.indexOf(other);
    if (at >= 0) this.move(id, at + 1);
  }

  remove(id: string): void {
    this.#lanes = this.#lanes.filter(({ lane }) => lane.id !== id);
  }

  #insert(spec: LaneSpec, bare: LaneUrl): LaneUrl {
    const lane = named(bare, spec);
    this.#lanes.push({ spec, lane });
    return lane;
  }
}

const named = (lane: LaneUrl, { name, client }: LaneSpec): LaneUrl => ({
  ...lane,
  ...(name === undefined ? {} : { name }),
  ...(client === undefined ? {} : { client }),
});
