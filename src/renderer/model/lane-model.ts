import type { LaneSnapshot } from '../../shared/api.ts';
import { METHOD_LABEL, type Method, type Phase, type State } from '../../shared/catalog.ts';
import { newHistogram, record } from '../../shared/measure/latency.ts';
import { fold as foldTally, newTally, type LaneTally } from '../../shared/measure/tally.ts';
import type { NoticeFact, Observation, ReconnectFact, StateFact } from '../../shared/observation.ts';
import type { LaneClient } from '../../shared/run-config.ts';
import { OutageTracker, type Outage } from './outage-tracker.ts';
import { Density } from './density.ts';
import { FigureHistory, type LaneCounts } from './figure-history.ts';
import type { OpenPeriod, HeartbeatMark, Recovery, DropMark, EventMark, GapMark } from './lane-marks.ts';
import type { LedgerEntry } from './ledger.ts';
import { Polls } from './polls.ts';
import { TimeSeries } from './time-series.ts';

const MAX_FINDINGS = 100;
const CAPACITY = { events: 8000, polls: 4000, heartbeats: 2000, rare: 1000 };

/** Told with its confidence, 0 to 1: never a fact after one drop. */
export interface LaneFinding {
  code: string;
  text: string;
  value: number | null;
  confidence: number;
}

/** One lane as folded from observations: its state and its history. Plain data, never reactive. */
export class LaneModel {
  readonly id: string;
  readonly method: Method;
  url: string;
  /** What a person calls it; null while it goes by its id. */
  name: string | null = null;
  /** Where it differs from the run. */
  client: LaneClient = {};
  tally: LaneTally;

  state: State = 'idle';
  phase: Phase | null = null;
  since: number;
  until: number | null = null;
  lastStateChange: StateFact | null = null;
  attempt = 0;
  cursor: string | null = null;
  /** The lane's last warning, until something comes through. */
  notice: (Observation & NoticeFact) | null = null;
  /** The last suspend of this machine: when it woke, and how long it had slept. */
  hostSleep: { at: number; ms: number | null } | null = null;
  /** Drops since something last came through. */
  failures = 0;
  /** Something has come through at some time. */
  hasSucceeded = false;
  #lastAnswerOk = false;
  /** Since when the connection is open, or the poll under way; a sleep does not end it. */
  #connectedAt: number | null = null;

  /** When the last byte is known to have passed, either way. */
  lastActivityAt: number;
  /** The longest silence of a standing connection since the conditions last changed. */
  longestSilence = 0;
  /** The client slept in it. */
  longestSilenceAsleep = false;

  readonly openPeriods = new TimeSeries<OpenPeriod>(CAPACITY.rare);
  readonly polls = new Polls(CAPACITY.polls);
  readonly events = new TimeSeries<EventMark>(CAPACITY.events);
  readonly heartbeats = new TimeSeries<HeartbeatMark>(CAPACITY.heartbeats);
  readonly drops = new TimeSeries<DropMark>(CAPACITY.rare);
  readonly gaps = new TimeSeries<GapMark>(CAPACITY.rare);
  readonly recoveries = new TimeSeries<Recovery>(CAPACITY.rare);
  /** What its ends and events have in common, as the engine found it, newest last. */
  readonly findings: LaneFinding[] = [];
  readonly density = new Density();
  readonly figures = new FigureHistory();

  readonly #outages: OutageTracker;

  constructor(id: string, method: Method, url: string, startedAt: number) {
    this.id = id;
    this.method = method;
    this.url = url;
    this.tally = newTally(method, url);
    this.since = startedAt;
    this.lastActivityAt = startedAt;
    this.#outages = new OutageTracker({ id, method });
  }

  /** How it is called: as a person named it, by its method, or by its id where there are several. */
  get label(): string {
    return this.name ?? (this.id === this.method ? METHOD_LABEL[this.method] : this.id);
  }

  get polling(): boolean {
    return this.method === 'short-polling' || this.method === 'long-polling';
  }

  /** Takes over the state in the engine's snapshot. */
  restore(snapshot: LaneSnapshot, runStartedAt: number): void {
    this.url = snapshot.url;
    this.tally = snapshot.tally;
    this.state = snapshot.state;
    this.phase = snapshot.phase;
    this.since = snapshot.since;
    this.until = snapshot.until;
    this.cursor = snapshot.cursor;
    const open = this.openPeriods.last;
    if (!this.polling && snapshot.state === 'open' && (!open || open.to !== null)) {
      this.openPeriods.add({ at: Math.max(open?.to ?? runStartedAt, snapshot.since), to: null });
    }
    this.lastActivityAt = Math.max(this.lastActivityAt, snapshot.since);
  }

  /** The conditions changed: earlier silences say nothing about the new idle limit. */
  onConditionsChanged(at: number): void {
    this.figures.begin('change', this.tally, at);
    this.longestSilence = 0;
    this.longestSilenceAsleep = false;
  }

  /** Whether bytes are expected on a standing connection, so that silence can end it. */
  get expectsBytes(): boolean {
    if (this.state !== 'open') return false;
    return !this.polling || this.phase === 'held' || this.phase === 'requesting';
  }

  /** Set from losing the connection until it has resumed. */
  get outage(): Outage | null {
    return this.#outages.current;
  }

  /** Whether this lane woke from a sleep between two times. */
  wokeBetween(since: number, until: number): boolean {
    return this.#outages.wokeBetween(since, until);
  }

  /** Whether the connection ended while the client slept, and was found dead on waking. */
  endedAsleep(drop: DropMark): boolean {
    return drop.cause === 'client-sleep' || this.#outages.sleepOf(drop) !== null;
  }

  addToTally(o: Observation): void {
    this.figures.note(this.tally, o.at);
    foldTally(this.tally, o);
  }

  /** What was counted between two times. Latency is that of the events that are still in memory. */
  countsBetween(from: number, to: number): LaneCounts {
    const latency = newHistogram();
    const changed = this.figures.between(from, to, this.tally);
    const counts: LaneCounts = { received: 0, unique: 0, duplicates: 0, ...changed, latency };
    if (this.events.completeFrom > from) {
      this.density.between(from, to, (_at, n, repeated) => {
        counts.received += n;
        counts.duplicates += repeated;
      });
    } else {
      this.events.forEachBetween(from, to, (event) => {
        counts.received += 1;
        if (event.duplicate) counts.duplicates += 1;
        else if (event.latency !== null && !event.replayed) record(latency, event.latency);
      });
    }
    counts.unique = counts.received - counts.duplicates;
    return counts;
  }

  /** The drop with how long its connection, or its poll, had been open, where the engine has not said so. */
  withAge(o: DropMark): DropMark {
    if (o.age !== undefined || this.#connectedAt === null) return o;
    return { ...o, age: Math.max(o.silence, o.at - this.#connectedAt) };
  }

  /** Applies one observation of this lane. @returns a ledger entry when one begins */
  apply(o: Observation): LedgerEntry | null {
    switch (o.type) {
      case 'state':
        this.#onState(o);
        return null;
      case 'request':
        this.#onActivity(o.at);
        if (this.polling) {
          // An answer after which the lane simply asks again was a good one.
          if (this.#lastAnswerOk) this.#onSuccess();
          this.#outages.onReconnected(o.at);
          this.polls.onRequest(o.id, o.at);
          this.#connectedAt = o.at;
        }
        return null;
      case 'response':
        this.#onActivity(o.at);
        this.#lastAnswerOk = this.polling && o.status < 400;
        if (this.polling) this.polls.onResponse(o, this.#outages.wokeAt);
        return null;
      case 'event':
        this.#onActivity(o.at);
        this.#onSuccess();
        if (o.cursor !== null) this.cursor = o.cursor;
        this.events.add(o);
        this.density.add(o.at, o.duplicate);
        if (this.polling) this.polls.onEvent();
        return null;
      case 'heartbeat':
        this.#onActivity(o.at);
        if (o.dir === 'in') this.heartbeats.add(o);
        return null;
      case 'drop':
        return this.#onDrop(o);
      case 'reconnect':
        this.#onReconnect(o);
        return null;
      case 'resume': {
        const { recovery, entry } = this.#outages.resume(o);
        this.recoveries.add(recovery);
        return entry;
      }
      case 'gap':
        this.gaps.add(o);
        if (o.to !== null) this.cursor = o.to;
        return this.#outages.gap(o);
      case 'notice':
        if (o.level !== 'info') this.notice = o;
        return null;
      case 'finding':
        this.findings.push({ code: o.code, text: o.text, value: o.value ?? null, confidence: o.confidence });
        if (this.findings.length > MAX_FINDINGS) this.findings.shift();
        return null;
      case 'sleep':
        if (o.phase === 'begin') this.#onSleep(o.at);
        else this.#onWake(o.at);
        if (o.what === 'host' && o.phase === 'end') this.hostSleep = { at: o.at, ms: o.ms ?? null };
        return null;
      default:
        return null;
    }
  }

  #onSuccess(): void {
    this.hasSucceeded = true;
    this.failures = 0;
    this.notice = null;
    this.#lastAnswerOk = false;
  }

  #onSilence(from: number, to: number): void {
    if (to - from <= this.longestSilence) return;
    this.longestSilence = to - from;
    this.longestSilenceAsleep = this.wokeBetween(from, to);
  }

  #onActivity(at: number): void {
    if (this.expectsBytes) this.#onSilence(Math.max(this.lastActivityAt, this.since), at);
    this.lastActivityAt = Math.max(this.lastActivityAt, at);
    this.#outages.onActivity();
  }

  #onState(o: Observation & StateFact): void {
    const before = this.state;
    this.state = o.to;
    this.phase = o.phase ?? null;
    this.since = o.at;
    this.until = o.until ?? null;
    this.lastStateChange = o;
    if (this.polling ? o.phase === 'resting' : o.to === 'open') this.#onSuccess();
    if (o.to !== 'open') {
      this.#lastAnswerOk = false;
      this.#closeOpenPeriod(o.at);
      if (o.to === 'waiting' && (o.reason === 'announced-end' || o.reason === 'server-advice')) {
        this.#outages.onAnnouncedEnd(o.at);
      }
      if (o.to === 'stopped' || o.to === 'failed') {
        this.polls.abort(o.at, 'stop');
        this.#outages.clear();
      }
      return;
    }
    if (!this.polling && o.from !== 'open' && o.from !== 'asleep') this.#connectedAt = o.at;
    if (o.from !== 'open') this.#outages.onOpen(o.from === 'asleep');
    if (!this.polling) this.#outages.onReconnected(o.at);
    if (before === 'open' && o.from === 'open') return;
    this.lastActivityAt = o.at;
    this.attempt = 0;
    if (!this.polling && this.openPeriods.last?.to !== null) this.openPeriods.add({ at: o.at, to: null });
  }

  #onDrop(o: DropMark): LedgerEntry | null {
    if (o.cause === 'idle-limit') this.#onSilence(o.at - o.silence, o.at);
    this.#connectedAt = null;
    this.failures += 1;
    this.#lastAnswerOk = false;
    this.drops.add(o);
    this.#closeOpenPeriod(o.at);
    this.polls.abort(o.at, 'drop');
    if (this.polling && !o.evidence.startsWith('status:')) this.polls.failed += 1;
    return this.#outages.drop(o);
  }

  #onReconnect(o: Observation & ReconnectFact): void {
    this.attempt = o.attempt;
    if (o.cursor !== null) this.cursor = o.cursor;
  }

  #onSleep(at: number): void {
    this.#closeOpenPeriod(at);
    this.polls.abort(at, 'sleep');
    this.#outages.sleep(at);
  }

  #onWake(at: number): void {
    this.lastActivityAt = at;
    this.#outages.wake(at);
  }

  #closeOpenPeriod(at: number): void {
    const period = this.openPeriods.last;
    if (period && period.to === null) period.to = at;
  }
}
