import type { Observation } from '../../shared/observation.ts';

interface LaneProgress {
  id: string;
  url: string;
  opened: boolean;
  over: boolean;
  unique: number;
  failures: number;
  evidence: string | null;
}

/** Without `--for`, an endpoint that was never reached is given up after so many tries. */
const MAX_TRIES = 4;

/** Decides when a watch is over, from what was seen, and which lanes never opened. */
export class WatchEndCondition {
  #lanes = new Map<string, LaneProgress>();
  readonly #options: { events: number | null; patient: boolean };
  readonly #end: (why: string) => void;

  /** @param options.patient somebody said how long to try */
  constructor(options: { events: number | null; patient: boolean }, end: (why: string) => void) {
    this.#options = options;
    this.#end = end;
  }

  observe(o: Observation): void {
    if (o.type === 'run') {
      const fresh = { opened: false, over: false, unique: 0, failures: 0, evidence: null };
      this.#lanes = new Map(o.lanes.map(({ id, url }) => [id, { id, url, ...fresh }]));
    }
    const lane = o.lane === null ? undefined : this.#lanes.get(o.lane);
    if (!lane) return;
    if (o.type === 'event' && !o.duplicate) lane.unique++;
    if (o.type === 'drop') {
      lane.failures++;
      lane.evidence = o.cause ? `${o.evidence}, ${o.cause}` : o.evidence;
    }
    if (o.type === 'state') {
      if (o.to === 'open') lane.opened = true;
      if (o.evidence && o.to === 'failed') lane.evidence = o.evidence;
      lane.over = o.to === 'failed' || o.to === 'stopped';
    }
    const why = this.#reason();
    if (why !== null) this.#end(why);
  }

  /** Why it is over, or null while it is not. A lane that is over cannot keep the others waiting. */
  #reason(): string | null {
    const { events, patient } = this.#options;
    if (this.#all((l) => l.over)) return 'every lane is over';
    if (events !== null && this.#all((l) => l.over || l.unique >= events))
      return `${events} different events on every lane`;
    if (!patient && this.#all((l) => !l.opened && (l.over || l.failures >= MAX_TRIES))) return 'none could be reached';
    return null;
  }

  get unopened(): { id: string; url: string; evidence: string | null }[] {
    return [...this.#lanes.values()]
      .filter((lane) => !lane.opened)
      .map(({ id, url, evidence }) => ({ id, url, evidence }));
  }

  #all(holds: (lane: LaneProgress) => boolean): boolean {
    for (const lane of this.#lanes.values()) if (!holds(lane)) return false;
    return true;
  }
}
