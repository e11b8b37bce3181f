import type { LaneSnapshot } from '../../../shared/api.ts';
import type { Method, Phase, State } from '../../../shared/catalog.ts';
import { fold as foldTally, newTally, type LaneTally } from '../../../shared/measure/tally.ts';
import type { NoticeFact, Observation, ReconnectFact, StateFact } from '../../../shared/observation.ts';
import { Absence, type Away } from './absence.ts';
import { Density } from './density.ts';
import type { Band, BeatMark, Bridge, DropMark, EventMark, GapMark } from './lane-marks.ts';
import type { LedgerEntry } from './ledger.ts';
import { Polls } from './polls.ts';
import { Trail } from './trail.ts';

const KEEP = { events: 8000, polls: 4000, beats: 2000, few: 1000 };

/** One lane as the page knows it: where it stands, and the trail it left. Plain data, never reactive. */
export class LaneTrack {
  readonly id: string;
  readonly method: Method;
  url: string;
  tally: LaneTally;

  state: State = 'idle';
  phase: Phase | null = null;
  since: number;
  until: number | null = null;
  why: StateFact | null = null;
  attempt = 0;
  cursor: string | null = null;
  /** What the lane last said was wrong, until something comes through. */
  notice: (Observation & NoticeFact) | null = null;
  /** Ends against its will since something last came through. */
  failures = 0;
  /** Something has come through at some time. */
  proven = false;
  #answered = false;

  /** When the last byte is known to have passed, either way. */
  activeAt: number;
  /** The longest silence of a standing connection since the conditions last changed. */
  longestSilence = 0;
  /** The client slept in it. */
  longestAsleep = false;

  readonly bands = new Trail<Band>(KEEP.few);
  readonly polls = new Polls(KEEP.polls);
  readonly events = new Trail<EventMark>(KEEP.events);
  readonly beats = new Trail<BeatMark>(KEEP.beats);
  readonly drops = new Trail<DropMark>(KEEP.few);
  readonly gaps = new Trail<GapMark>(KEEP.few);
  readonly bridges = new Trail<Bridge>(KEEP.few);
  readonly density = new Density();

  readonly #absence: Absence;

  constructor(id: string, method: Method, url: string, startedAt: number) {
    this.id = id;
    this.method = method;
    this.url = url;
    this.tally = newTally(method, url);
    this.since = startedAt;
    this.activeAt = startedAt;
    this.#absence = new Absence({ id, method });
  }

  get polling(): boolean {
    return this.method === 'short-polling' || this.method === 'long-polling';
  }

  /** Takes over where the engine says the lane stands. */
  restore(s: LaneSnapshot, runStartedAt: number): void {
    this.url = s.url;
    this.tally = s.tally;
    this.state = s.state;
    this.phase = s.phase;
    this.since = s.since;
    this.until = s.until;
    this.cursor = s.cursor;
    const open = this.bands.last;
    if (!this.polling && s.state === 'open' && (!open || open.to !== null)) {
      this.bands.add({ at: Math.max(open?.to ?? runStartedAt, s.since), to: null });
    }
    this.activeAt = Math.max(this.activeAt, s.since);
  }

  /** The conditions changed: what was survived before says nothing about now. */
  resetHeadroom(): void {
    this.longestSilence = 0;
    this.longestAsleep = false;
  }

  /** Whether bytes are expected on a standing connection, so that silence can end it. */
  get standing(): boolean {
    if (this.state !== 'open') return false;
    return !this.polling || this.phase === 'held' || this.phase === 'requesting';
  }

  /** Set from losing the connection until it has resumed. */
  get away(): Away | null {
    return this.#absence.current;
  }

  /** Whether this lane woke from a sleep between two times. */
  slept(since: number, until: number): boolean {
    return this.#absence.slept(since, until);
  }

  /** Whether the connection ended while the client slept, and was found dead on waking. */
  endedAsleep(drop: DropMark): boolean {
    return drop.cause === 'client-sleep' || this.#absence.sleepOf(drop) !== null;
  }

  count(o: Observation): void {
    foldTally(this.tally, o);
  }

  /** Leaves the mark of one observation of this lane. @returns a ledger entry when one begins */
  trace(o: Observation): LedgerEntry | null {
    switch (o.type) {
      case 'state':
        this.#state(o);
        return null;
      case 'request':
        this.#active(o.at);
        if (this.polling) {
          // An answer after which the lane simply asks again was a good one.
          if (this.#answered) this.#proved();
          this.#absence.back(o.at);
          this.polls.asked(o.id, o.at);
        }
        return null;
      case 'response':
        this.#active(o.at);
        this.#answered = this.polling && o.status < 400;
        if (this.polling) this.polls.answered(o, this.#absence.awakeAt);
        return null;
      case 'event':
        this.#active(o.at);
        this.#proved();
        if (o.cursor !== null) this.cursor = o.cursor;
        this.events.add(o);
        this.density.add(o.at, o.duplicate);
        if (this.polling) this.polls.brought();
        return null;
      case 'heartbeat':
        this.#active(o.at);
        if (o.dir === 'in') this.beats.add(o);
        return null;
      case 'drop':
        return this.#drop(o);
      case 'reconnect':
        this.#reconnect(o);
        return null;
      case 'resume': {
        const { bridge, entry } = this.#absence.resume(o);
        this.bridges.add(bridge);
        return entry;
      }
      case 'gap':
        this.gaps.add(o);
        if (o.to !== null) this.cursor = o.to;
        return this.#absence.gap(o);
      case 'notice':
        if (o.level !== 'info') this.notice = o;
        return null;
      case 'sleep':
        if (o.phase === 'begin') this.#sleep(o.at);
        else this.#wake(o.at);
        return null;
      default:
        return null;
    }
  }

  #proved(): void {
    this.proven = true;
    this.failures = 0;
    this.notice = null;
    this.#answered = false;
  }

  #silent(from: number, to: number): void {
    if (to - from <= this.longestSilence) return;
    this.longestSilence = to - from;
    this.longestAsleep = this.slept(from, to);
  }

  #active(at: number): void {
    if (this.standing) this.#silent(Math.max(this.activeAt, this.since), at);
    this.activeAt = Math.max(this.activeAt, at);
    this.#absence.heard();
  }

  #state(o: Observation & StateFact): void {
    const was = this.state;
    this.state = o.to;
    this.phase = o.phase ?? null;
    this.since = o.at;
    this.until = o.until ?? null;
    this.why = o;
    if (this.polling ? o.phase === 'resting' : o.to === 'open') this.#proved();
    if (o.to !== 'open') {
      this.#answered = false;
      this.#closeBand(o.at);
      if (o.to === 'waiting' && (o.reason === 'announced-end' || o.reason === 'server-advice')) {
        this.#absence.announced(o.at);
      }
      if (o.to === 'stopped' || o.to === 'failed') {
        this.polls.cut(o.at, 'stop');
        this.#absence.over();
      }
      return;
    }
    if (o.from !== 'open') this.#absence.opened(o.from === 'asleep');
    if (!this.polling) this.#absence.back(o.at);
    if (was === 'open' && o.from === 'open') return;
    this.activeAt = o.at;
    this.attempt = 0;
    if (!this.polling && this.bands.last?.to !== null) this.bands.add({ at: o.at, to: null });
  }

  #drop(o: DropMark): LedgerEntry | null {
    if (o.cause === 'idle-limit') this.#silent(o.at - o.silence, o.at);
    this.failures += 1;
    this.#answered = false;
    this.drops.add(o);
    this.#closeBand(o.at);
    this.polls.cut(o.at, 'drop');
    if (this.polling && !o.evidence.startsWith('status:')) this.polls.failed += 1;
    return this.#absence.drop(o);
  }

  #reconnect(o: Observation & ReconnectFact): void {
    this.attempt = o.attempt;
    if (o.cursor !== null) this.cursor = o.cursor;
  }

  #sleep(at: number): void {
    this.#closeBand(at);
    this.polls.cut(at, 'sleep');
    this.#absence.sleep(at);
  }

  #wake(at: number): void {
    this.activeAt = at;
    this.#absence.wake(at);
  }

  #closeBand(at: number): void {
    const band = this.bands.last;
    if (band && band.to === null) band.to = at;
  }
}
