import type { LabSnapshot } from '../../../shared/api.ts';
import type { Observation, PathFact, ServerFact, SettingFact, SleepFact } from '../../../shared/observation.ts';
import { WORKLOAD_LABEL, type WorkloadName } from '../../../shared/catalog.ts';
import { limit } from '../../words/format.ts';
import { Density } from './density.ts';
import { FirstSeen } from './first-seen.ts';
import type { EventMark, PublishMark } from './lane-marks.ts';
import { LaneTrack } from './lane-track.ts';
import type { LedgerEntry } from './ledger.ts';
import { Trail } from './trail.ts';

/** What changed for all lanes at once: what stands in the Conditions row. */
export interface Condition {
  at: number;
  kind: 'path' | 'setting';
  label: string;
  /** The path's name and the settings that differ from the start, from here on. */
  standing: string;
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
}

const LIST_KEEPS = 20_000;
const WIRE_KEEPS = 4000;
/** What the Events list is about; the rest is either drawn or shown elsewhere. */
const LISTED = new Set<Observation['type']>([
  'event',
  'heartbeat',
  'drop',
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
]);

/** A run as the page knows it. Plain data, folded once a frame, never reactive. */
export class RunTrack {
  readonly startedAt: number;
  readonly lanes: LaneTrack[] = [];
  readonly published = new Trail<PublishMark>(8000);
  /** How dense it was, for longer than the events themselves are kept. */
  readonly publishedDensity = new Density();
  readonly conditions = new Trail<Condition>(1000);
  readonly sleeps = new Trail<Sleep>(1000);
  readonly ledger = new Trail<LedgerEntry>(2000);
  /** What happened, for the list. */
  readonly facts = new Trail<Observation>(LIST_KEEPS);
  readonly wire = new Trail<Observation>(WIRE_KEEPS);
  /** The log is not ours: what is known of publishing is the first sight of each event. */
  readonly foreign: boolean;
  server: ServerFact | null = null;
  path: { label: string; idleLimitMs: number | null; via: string[]; at: number };
  /** Number of the newest observation taken. */
  n = 0;
  /** The newest time heard of. */
  latest: number;
  /** Facts of this run that were gone before the page came. */
  readonly #missedBefore: number;
  readonly #byId = new Map<string, LaneTrack>();
  readonly #seen = new FirstSeen();
  /** Published by us to a server that did not say under which name. */
  #unnamed = 0;
  readonly #settings = new Map<string, string>();

  constructor(snapshot: LabSnapshot) {
    this.startedAt = snapshot.runStartedAt;
    this.latest = snapshot.now;
    this.foreign = snapshot.config.target.kind === 'remote';
    this.path = { ...snapshot.path, at: snapshot.runStartedAt };
    this.#missedBefore = snapshot.forgotten;
    for (const lane of snapshot.lanes) {
      const track = new LaneTrack(lane.id, lane.method, lane.url, snapshot.runStartedAt);
      this.lanes.push(track);
      this.#byId.set(lane.id, track);
    }
    const knowsPath = snapshot.recent.some((o) => o.type === 'path');
    if (!knowsPath) this.#condition(snapshot.runStartedAt, 'path', snapshot.path.label, null);
    for (const o of snapshot.recent) this.#trace(o);
    this.take(snapshot);
    for (const lane of snapshot.lanes) {
      this.#byId.get(lane.id)!.restore({ ...lane, tally: this.#byId.get(lane.id)!.tally }, snapshot.runStartedAt);
    }
  }

  /** Older facts the page no longer holds. */
  get forgotten(): number {
    return this.#missedBefore + this.facts.forgotten;
  }

  lane(id: string): LaneTrack | undefined {
    return this.#byId.get(id);
  }

  /** A later snapshot of the same run: the counts are the engine's, the trail goes on where it can. */
  take(snapshot: LabSnapshot): void {
    for (const o of snapshot.recent) if (o.n > this.n) this.#trace(o);
    this.n = Math.max(this.n, snapshot.n);
    this.latest = Math.max(this.latest, snapshot.now);
    this.path = { ...snapshot.path, at: this.path.at };
    for (const lane of snapshot.lanes) {
      const track = this.#byId.get(lane.id);
      if (!track) continue;
      track.tally = lane.tally;
      track.state = lane.state;
      track.phase = lane.phase;
      track.since = lane.since;
      track.until = lane.until;
      track.cursor = lane.cursor;
    }
  }

  /** One observation more. */
  fold(o: Observation): void {
    if (o.n <= this.n) return;
    if (o.lane !== null) this.#byId.get(o.lane)?.count(o);
    else if (o.type === 'path' || o.type === 'sleep') for (const lane of this.lanes) lane.count(o);
    this.#trace(o);
  }

  #trace(o: Observation): void {
    this.n = Math.max(this.n, o.n);
    if (o.at > this.latest) this.latest = o.at;
    if (LISTED.has(o.type)) this.facts.add(o);
    if (o.lane !== null) {
      const lane = this.#byId.get(o.lane);
      const entry = lane?.trace(o) ?? null;
      if (entry) this.ledger.add(entry);
    }
    switch (o.type) {
      case 'wire':
        this.wire.add(o);
        break;
      case 'publish':
        if (this.foreign && o.cursor === null) this.#unnamed += 1;
        if (o.cursor === null || !this.foreign || this.#seen.remember(o.cursor))
          this.#published({ ...o, seenBy: null });
        break;
      case 'event':
        if (this.foreign) this.#sighted(o);
        break;
      case 'server':
        this.server = o;
        break;
      case 'path':
        this.#path(o);
        break;
      case 'setting':
        this.#setting(o);
        break;
      case 'scenario':
        this.#condition(o.at, 'setting', `“${o.name}” ${o.phase === 'begin' ? 'begins' : 'ends'}`, o);
        break;
      case 'sleep':
        this.#sleep(o);
        break;
      default:
    }
  }

  #sighted(o: EventMark): void {
    if (!this.#seen.see(o) || o.replayed) return;
    if (this.#unnamed > 0)
      this.#unnamed -= 1; // its publishing stands there already
    else this.#published({ at: o.at, cursor: o.cursor ?? o.id, event: o.event, bytes: o.bytes, seenBy: o.lane });
  }

  #published(mark: PublishMark): void {
    this.published.add(mark);
    this.publishedDensity.add(mark.at, false);
  }

  #path(o: Observation & PathFact): void {
    this.path = { label: o.label, idleLimitMs: o.idleLimitMs, via: o.via, at: o.at };
    this.#condition(o.at, 'path', o.label, o);
    for (const lane of this.lanes) lane.resetHeadroom();
  }

  #setting(o: Observation & SettingFact): void {
    const label = settingLabel(o);
    if (label === null) return;
    this.#settings.set(o.name, label.standing ?? '');
    this.#condition(o.at, 'setting', label.now, o);
    if (o.name === 'heartbeat') for (const lane of this.lanes) lane.resetHeadroom();
  }

  #condition(at: number, kind: Condition['kind'], label: string, observation: Observation | null): void {
    const path = kind === 'path' ? label : this.path.label;
    const standing = [path, ...[...this.#settings.values()].filter((s) => s !== '')].join(', ');
    this.conditions.add({ at, kind, label, standing, observation });
  }

  #sleep(o: Observation & SleepFact): void {
    if (o.lane === null) for (const lane of this.lanes) lane.trace(o);
    if (o.phase === 'end') {
      for (const s of this.sleeps.items.slice(-8)) {
        if (s.to === null && s.what === o.what && (o.lane === null || s.lane === null || s.lane === o.lane))
          s.to = o.at;
      }
      return;
    }
    const last = this.sleeps.last;
    // All lanes fall asleep at once: one stretch, not four.
    if (last && last.to === null && last.what === o.what && Math.abs(last.at - o.at) < 100) {
      if (last.lane !== o.lane) last.lane = null;
      return;
    }
    this.sleeps.add({ at: o.at, to: null, until: o.until ?? null, what: o.what, lane: o.lane });
  }
}

/** What a changed setting is called in the Conditions row; `standing` stays said, null for what passes. */
function settingLabel(o: SettingFact): { now: string; standing: string | null } | null {
  switch (o.name) {
    case 'heartbeat': {
      const every = Number.parseFloat(o.value);
      const words = o.value === 'off' || !Number.isFinite(every) ? 'no heartbeat' : `heartbeat ${limit(every)}`;
      return { now: words, standing: words };
    }
    case 'offline':
      return o.value === 'on' ? { now: 'offline', standing: 'offline' } : { now: 'online', standing: null };
    case 'pongs':
      return o.value === 'muted'
        ? { now: 'pongs muted', standing: 'pongs muted' }
        : { now: 'pongs on', standing: null };
    case 'workload':
      return { now: workloadWords(o.value), standing: null };
    case 'recording':
      return null;
    default:
      return { now: MOMENTS[o.name] ?? o.name.replaceAll('-', ' '), standing: null };
  }
}

const MOMENTS: Record<string, string> = {
  'cut-all': 'cut all',
  'restart-server': 'server restart',
  'kill-server': 'server killed',
  'lose-log': 'log lost',
};

function workloadWords(value: string): string {
  const [name = '', rate] = value.split(' ');
  const label = Object.hasOwn(WORKLOAD_LABEL, name) ? WORKLOAD_LABEL[name as WorkloadName] : name;
  return rate ? `${label}, ${rate}` : label;
}
