import type { Clock } from '../../shared/clock.ts';
import { fold, newTally, summarise, type LaneTally } from '../../shared/measure/tally.ts';
import { findingsOf } from '../../shared/measure/findings.ts';
import type { LaneFinding, LaneSummary } from '../../shared/lane-summary.ts';
import type { Observation } from '../../shared/observation.ts';
import { redactUrl } from '../../shared/redact.ts';
import type { LaneUrl } from './lane-roster.ts';
import { PublishTimes } from './publish-times.ts';
import { RecentObservations } from './recent-observations.ts';

/** How many observations a page that joins late may still see. */
const RECENT_LIMIT = 20_000;

/** What a run keeps about itself: its newest observations, a tally per lane, when events were published. */
export class RunStats {
  readonly recent = new RecentObservations(RECENT_LIMIT);
  readonly published = new PublishTimes();
  /** The record that says how the run was started; never forgotten, so that a late recording can begin with it. */
  #runRecord: Observation | null = null;
  /** What became of the lanes since; few, and never forgotten either. */
  readonly #laneRecords: Observation[] = [];
  readonly #tallies = new Map<string, LaneTally>();
  readonly #firstOpen = new Map<string, number>();
  readonly #clock: Clock;
  /** Lanes of which there is something new. */
  readonly #mayConclude = new Set<string>();
  /** How sure each lane was of a code when it last said so. */
  readonly #said = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addLane(lane: LaneUrl): void {
    this.#tallies.set(lane.id, newTally(lane.method, redactUrl(lane.url)));
  }

  observe(o: Observation): void {
    this.recent.add(o);
    if (o.type === 'run') this.#runRecord = o;
    if (o.type === 'lane') this.#laneRecords.push(o);
    if (o.lane === null) {
      for (const tally of this.#tallies.values()) fold(tally, o);
      return;
    }
    if (o.type === 'state' && o.to === 'open' && !this.#firstOpen.has(o.lane)) {
      this.#firstOpen.set(o.lane, this.#clock.now());
    }
    const tally = this.#tallies.get(o.lane);
    if (tally) fold(tally, o);
    if (o.type === 'drop' || o.type === 'notice' || o.type === 'event') this.#mayConclude.add(o.lane);
  }

  /** What lanes conclude that they have not said, or are surer of now; each is given once. */
  takeFindings(): [lane: string, finding: LaneFinding][] {
    const fresh: [string, LaneFinding][] = [];
    for (const lane of this.#mayConclude) {
      const tally = this.#tallies.get(lane);
      for (const finding of tally?.findings ? findingsOf(tally.findings, tally.method) : []) {
        const key = `${lane} ${finding.code}`;
        if ((this.#said.get(key) ?? 0) >= finding.confidence) continue;
        this.#said.set(key, finding.confidence);
        fresh.push([lane, finding]);
      }
    }
    this.#mayConclude.clear();
    return fresh;
  }

  /** What is still known, oldest first, always with the run's own record and those of its lanes. */
  history(): Observation[] {
    const known = this.recent.list();
    const first = known[0]?.n ?? Infinity;
    const kept = [...(this.#runRecord ? [this.#runRecord] : []), ...this.#laneRecords].filter((o) => o.n < first);
    return [...kept, ...known];
  }

  tally(lane: string): LaneTally {
    return structuredClone(this.#tallies.get(lane)!);
  }

  summary(): Record<string, LaneSummary> {
    const now = this.#clock.now();
    return Object.fromEntries([...this.#tallies].map(([id, tally]) => [id, summarise(tally, now)]));
  }

  /**
   * How late an event is, in ms. Measured from its publish through us; else from the time the event carries, where
   * `sameClock`; else unknown. What was published before the lane first opened is a replay, not a lateness.
   */
  latencyOf(
    lane: string,
    event: { id: string | null; time: number | null },
    sameClock: boolean,
  ): { latency: number | null; replayed: boolean } {
    // the time it carries is the wall clock's
    const wallLead = this.#clock.unixTime() - this.#clock.now();
    const at = this.published.of(event.id) ?? (sameClock && event.time !== null ? event.time - wallLead : null);
    if (at === null) return { latency: null, replayed: false };
    const opened = this.#firstOpen.get(lane);
    const replayed = opened === undefined || at < opened;
    const measurable = !replayed && this.#clock.scale === 1;
    return { latency: measurable ? Math.max(0, Math.round(this.#clock.now() - at)) : null, replayed };
  }
}
