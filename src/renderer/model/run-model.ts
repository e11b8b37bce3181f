import type { LabSnapshot, LaneSnapshot } from '../../shared/api.ts';
import type {
  LaneFact,
  Observation,
  PathFact,
  ResumeFact,
  ServerFact,
  SettingFact,
  SleepFact,
} from '../../shared/observation.ts';
import { settingFactLabel } from '../labels/setting.ts';
import { Density } from './density.ts';
import { FirstSeen } from './first-seen.ts';
import type { EventMark, PublishMark } from './lane-marks.ts';
import { LaneModel } from './lane-model.ts';
import type { LedgerEntry } from './ledger.ts';
import { TimeSeries } from './time-series.ts';

/** A change for all lanes, shown in the Conditions row. */
export interface Condition {
  at: number;
  kind: 'path' | 'setting';
  label: string;
  /** The path's name and the settings that differ from the start, from here on. */
  summary: string;
  observation: Observation | null;
}

/** A stretch in which clients did not run. */
export interface Sleep {
  at: number;
  to: number | null;
  until: number | null;
  what: 'lane' | 'host';
  /** null: all of them. */
  lane: string | null;
  /** Of a suspend: how long it was, in real time. */
  ms: number | null;
}

type LaneGiven = Pick<LaneSnapshot, 'id' | 'method' | 'url' | 'name' | 'client'>;

const LIST_CAPACITY = 20_000;
const WIRE_CAPACITY = 4000;
/** What the Events list is about; the rest is either drawn or shown elsewhere. */
const LISTED = new Set<Observation['type']>([
  'event',
  'heartbeat',
  'drop',
  'ended',
  'resume',
  'gap',
  'notice',
  'state',
  'response',
  'reconnect',
  'sleep',
  'path',
  'setting',
  'fault',
  'scenario',
  'lane',
]);

/** A run as the page knows it. Plain data, folded once a frame, never reactive. */
export class RunModel {
  readonly startedAt: number;
  /** In their order; another list whenever that changes. */
  lanes: readonly LaneModel[] = [];
  readonly published = new TimeSeries<PublishMark>(8000);
  /** How dense it was, for longer than the events themselves are kept. */
  readonly publishedDensity = new Density();
  readonly conditions = new TimeSeries<Condition>(1000);
  readonly sleeps = new TimeSeries<Sleep>(1000);
  readonly ledger = new TimeSeries<LedgerEntry>(2000);
  /** What happened, for the list. */
  readonly facts = new TimeSeries<Observation>(LIST_CAPACITY);
  readonly wire = new TimeSeries<Observation>(WIRE_CAPACITY);
  /** A remote server: an event counts as published when the first lane receives it. */
  readonly isRemote: boolean;
  server: ServerFact | null = null;
  path: { label: string; idleLimitMs: number | null; via: string[]; at: number };
  /** Number of the newest observation taken. */
  n = 0;
  /** The newest time heard of. */
  latest: number;
  /** Observations the engine had already dropped before the page connected. */
  readonly #evictedBefore: number;
  readonly #byId = new Map<string, LaneModel>();
  readonly #firstSeen = new FirstSeen();
  /** Events we published to a server that did not return their cursor. */
  #unnamedPublishes = 0;
  /** What holds until it is set again, by name. */
  readonly #lastingSettings = new Map<string, string>();

  constructor(snapshot: LabSnapshot) {
    this.startedAt = snapshot.runStartedAt;
    this.latest = snapshot.now;
    this.isRemote = snapshot.config.target.kind === 'remote';
    this.path = { ...snapshot.path, at: snapshot.runStartedAt };
    this.#evictedBefore = snapshot.forgotten;
    for (const lane of snapshot.lanes) this.#addLane(lane);
    this.#orderLanes(snapshot.lanes.map(({ id }) => id));
    const knowsPath = snapshot.recent.some((o) => o.type === 'path');
    if (!knowsPath) this.#addCondition(snapshot.runStartedAt, 'path', snapshot.path.label, null);
    for (const o of snapshot.recent) this.#apply(o);
    this.applySnapshot(snapshot);
    for (const lane of snapshot.lanes) {
      this.#byId.get(lane.id)!.restore({ ...lane, tally: this.#byId.get(lane.id)!.tally }, snapshot.runStartedAt);
    }
  }

  /** Older facts the page no longer holds. */
  get evicted(): number {
    return this.#evictedBefore + this.facts.evicted;
  }

  /** The figures are counted from here. */
  resetFigures(at: number): void {
    for (const lane of this.lanes) lane.figures.begin('reset', lane.tally, at);
  }

  lane(id: string): LaneModel | undefined {
    return this.#byId.get(id);
  }

  /** A later snapshot of the same run: counts come from the engine, history continues. */
  applySnapshot(snapshot: LabSnapshot): void {
    for (const o of snapshot.recent) if (o.n > this.n) this.#apply(o);
    for (const lane of snapshot.lanes) if (!this.#byId.has(lane.id)) this.#addLane(lane);
    this.n = Math.max(this.n, snapshot.n);
    this.latest = Math.max(this.latest, snapshot.now);
    this.path = { ...snapshot.path, at: this.path.at };
    this.#orderLanes(snapshot.lanes.map(({ id }) => id));
    for (const lane of snapshot.lanes) {
      const track = this.#byId.get(lane.id)!;
      track.name = lane.name;
      track.client = lane.client;
      track.tally = lane.tally;
      track.state = lane.state;
      track.phase = lane.phase;
      track.since = lane.since;
      track.until = lane.until;
      track.cursor = lane.cursor;
    }
  }

  /** Applies one observation. */
  applyObservation(o: Observation): void {
    if (o.n <= this.n) return;
    if (o.lane !== null) this.#byId.get(o.lane)?.addToTally(o);
    else if (o.type === 'path' || o.type === 'sleep') for (const lane of this.lanes) lane.addToTally(o);
    this.#apply(o);
  }

  #apply(seen: Observation): void {
    const o = seen.type === 'drop' && seen.lane !== null ? (this.lane(seen.lane)?.withAge(seen) ?? seen) : seen;
    this.n = Math.max(this.n, o.n);
    if (o.at > this.latest) this.latest = o.at;
    if (LISTED.has(o.type)) this.facts.add(o);
    if (o.type === 'lane') this.#onLane(o);
    if (o.lane !== null) {
      const lane = this.#byId.get(o.lane);
      const entry = lane?.apply(o) ?? null;
      if (entry) this.ledger.add(entry);
      if (o.type === 'resume') this.#completeLedger(o);
    }
    switch (o.type) {
      case 'wire':
        this.wire.add(o);
        break;
      case 'publish':
        if (this.isRemote && o.cursor === null) this.#unnamedPublishes += 1;
        if (o.cursor === null || !this.isRemote || this.#firstSeen.add(o.cursor))
          this.#addPublish({ ...o, seenBy: null });
        break;
      case 'event':
        if (this.isRemote) this.#onFirstSeen(o);
        break;
      case 'server':
        this.server = o;
        break;
      case 'path':
        this.#onPath(o);
        break;
      case 'setting':
        this.#onSetting(o);
        break;
      case 'scenario':
        this.#addCondition(o.at, 'setting', `“${o.name}” ${o.phase === 'begin' ? 'begins' : 'ends'}`, o);
        break;
      case 'sleep':
        this.#onSleep(o);
        break;
      default:
    }
  }

  #addLane({ id, method, url, name, client }: LaneGiven): LaneModel {
    const lane = new LaneModel(id, method, url, this.startedAt);
    lane.name = name;
    lane.client = client;
    this.#byId.set(id, lane);
    return lane;
  }

  /** Lanes that are not among them have left the run. */
  #orderLanes(ids: readonly string[]): void {
    this.lanes = ids.flatMap((id) => this.#byId.get(id) ?? []);
  }

  #onLane(o: Observation & LaneFact): void {
    const id = o.lane!;
    const lane = this.#byId.get(id) ?? (o.action === 'remove' ? null : this.#addLane({ ...o, id }));
    if (lane) {
      lane.name = o.name;
      lane.client = o.client;
      if (o.action === 'add') lane.since = o.at;
    }
    this.#orderLanes(o.order);
  }

  #onFirstSeen(o: EventMark): void {
    if (!this.#firstSeen.addEvent(o) || o.replayed) return;
    if (this.#unnamedPublishes > 0)
      this.#unnamedPublishes -= 1; // its publishing stands there already
    else this.#addPublish({ at: o.at, cursor: o.cursor ?? o.id, event: o.event, bytes: o.bytes, seenBy: o.lane });
  }

  /** The resume says which event came first; when that was published stands in our own list, if anywhere. */
  #completeLedger(o: Observation & ResumeFact): void {
    const entry = this.ledger.items.findLast((e) => e.resume === o);
    if (!entry || o.first === null) return;
    const publish = this.published.items.findLast((p) => p.cursor === o.first && p.seenBy === null);
    entry.firstPublishedAt = publish?.at ?? null;
  }

  #addPublish(mark: PublishMark): void {
    this.published.add(mark);
    this.publishedDensity.add(mark.at, false);
  }

  #onPath(o: Observation & PathFact): void {
    this.path = { label: o.label, idleLimitMs: o.idleLimitMs, via: o.via, at: o.at };
    this.#addCondition(o.at, 'path', o.label, o);
    for (const lane of this.lanes) lane.onConditionsChanged(o.at);
  }

  #onSetting(o: Observation & SettingFact): void {
    const label = settingFactLabel(o);
    this.#lastingSettings.set(o.name, label.lasting ? label.phrase : '');
    this.#addCondition(o.at, 'setting', label.phrase, o);
    if (o.name === 'heartbeat') for (const lane of this.lanes) lane.onConditionsChanged(o.at);
  }

  #addCondition(at: number, kind: Condition['kind'], label: string, observation: Observation | null): void {
    const path = kind === 'path' ? label : this.path.label;
    const summary = [path, ...[...this.#lastingSettings.values()].filter((s) => s !== '')].join(', ');
    this.conditions.add({ at, kind, label, summary, observation });
  }

  #onSleep(o: Observation & SleepFact): void {
    if (o.lane === null) for (const lane of this.lanes) lane.apply(o);
    if (o.phase === 'end') {
      for (const s of this.sleeps.items.slice(-8)) {
        if (s.to === null && s.what === o.what && (o.lane === null || s.lane === null || s.lane === o.lane))
          Object.assign(s, { to: o.at, ms: o.ms ?? null });
      }
      return;
    }
    const last = this.sleeps.last;
    // All lanes fall asleep at once: one stretch, not four.
    if (last && last.to === null && last.what === o.what && Math.abs(last.at - o.at) < 100) {
      if (last.lane !== o.lane) last.lane = null;
      return;
    }
    this.sleeps.add({ at: o.at, to: null, until: o.until ?? null, what: o.what, lane: o.lane, ms: null });
  }
}
