/** What a recording tells of an incident: who followed what, what was published, and how connections ended. */
import type { Method } from '../../shared/catalog.ts';
import { laneIds } from '../../shared/scenario/schema.ts';
import type { DropFact, Observation } from '../../shared/observation.ts';
import { fold, newTally, summarise, type LaneTally } from '../../shared/measure/tally.ts';

export interface IncidentDrop {
  /** Ms since the run began. */
  at: number;
  lane: string;
  evidence: DropFact['evidence'];
  cause: string | null;
  silence: number;
  age: number | null;
}

export interface Incident {
  lanes: { id: string; method: Method }[];
  durationMs: number;
  /** When something was published, or came for the first time; ms since the run began. */
  events: number[];
  drops: IncidentDrop[];
  /** When clients slept or were offline. */
  sleeps: { at: number; ms: number }[];
  offline: { at: number; ms: number }[];
  via: string[];
  heartbeatMs: number | null;
  holdMs: number;
  pollMs: number;
  ledger: Record<string, { missed: number | null; duplicates: number | null }>;
}

/** Gathers an incident from observations, live ones or those of a recording. */
export class IncidentReader {
  #startedAt: number | null = null;
  #endedAt = 0;
  readonly #tallies = new Map<string, LaneTally>();
  readonly #incident: Incident = {
    lanes: [],
    durationMs: 0,
    events: [],
    drops: [],
    sleeps: [],
    offline: [],
    via: [],
    heartbeatMs: null,
    holdMs: 25_000,
    pollMs: 2000,
    ledger: {},
  };
  readonly #seen = new Set<string>();
  #published = false;
  #sleptAt: number | null = null;
  #offlineAt: number | null = null;

  read(o: Observation): void {
    this.#startedAt ??= o.at;
    this.#endedAt = o.at;
    const at = o.at - this.#startedAt;
    const incident = this.#incident;
    if (o.type === 'run') {
      const ids = laneIds(o.lanes.map(({ method }) => ({ method })));
      incident.lanes = o.lanes.map(({ method, id }, i) => ({ id: ids[i] ?? id, method }));
      o.lanes.forEach(({ id, method, url }) => this.#tallies.set(id, newTally(method, url)));
      incident.via = o.via;
      incident.heartbeatMs = o.heartbeatMs;
      incident.holdMs = o.holdMs;
      incident.pollMs = o.pollMs;
    }
    for (const [id, tally] of this.#tallies) if (o.lane === id || o.lane === null) fold(tally, o);
    if (o.type === 'publish') {
      if (!this.#published) incident.events = [];
      this.#published = true;
      incident.events.push(at);
    }
    if (o.type === 'event' && !this.#published && !o.replayed) {
      const key = o.id ?? `${at}`;
      if (!this.#seen.has(key)) incident.events.push(at);
      this.#seen.add(key);
    }
    if (o.type === 'drop' && o.lane !== null) {
      incident.drops.push({
        at,
        lane: o.lane,
        evidence: o.evidence,
        cause: o.cause ?? null,
        silence: o.silence,
        age: o.age ?? null,
      });
    }
    if (o.type === 'sleep' && o.what === 'lane') {
      if (o.phase === 'begin') this.#sleptAt ??= at;
      else if (this.#sleptAt !== null) {
        incident.sleeps.push({ at: this.#sleptAt, ms: at - this.#sleptAt });
        this.#sleptAt = null;
      }
    }
    if (o.type === 'setting' && o.name === 'offline') {
      if (o.value === 'on') this.#offlineAt ??= at;
      else if (this.#offlineAt !== null) {
        incident.offline.push({ at: this.#offlineAt, ms: at - this.#offlineAt });
        this.#offlineAt = null;
      }
    }
  }

  /** What has been gathered by now. */
  get incident(): Incident {
    const now = this.#endedAt;
    const ledger = Object.fromEntries(
      [...this.#tallies].map(([id, tally]) => {
        const { missed, duplicates } = summarise(tally, now);
        return [id, { missed, duplicates }];
      }),
    );
    return { ...this.#incident, durationMs: Math.max(1000, now - (this.#startedAt ?? now)), ledger };
  }
}
