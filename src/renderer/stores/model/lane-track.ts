import type { Method, Phase, State } from '../../../shared/catalog.ts';
import { fold as foldTally, newTally, type LaneTally } from '../../../shared/measure/tally.ts';
import type {
  DropFact,
  EventFact,
  GapFact,
  HeartbeatFact,
  Observation,
  ReconnectFact,
  ResumeFact,
  StateFact,
} from '../../../shared/observation.ts';
import type { LaneSnapshot } from '../../../shared/api.ts';
import { Density } from './density.ts';
import type { LedgerEntry } from './ledger.ts';
import { Trail } from './trail.ts';

/** A stretch of time a stream stood open. `to` is null while it does. */
export interface Band {
  at: number;
  to: number | null;
}

/** One request of a polling lane and what became of it. */
export interface Poll {
  at: number;
  id: number;
  to: number | null;
  status: number | null;
  bytes: number;
  empty: boolean;
  /** Events it brought. */
  events: number;
  /** Ended without an answer, by a drop or by sleep. */
  cut: 'drop' | 'sleep' | 'stop' | null;
}

/** From losing the connection (or falling asleep) to having resumed. */
export interface Bridge {
  at: number;
  from: number;
  /** When a connection stood (or a question was asked) again; the resume is known from what came then. */
  back: number;
  resume: Observation & ResumeFact;
  slept: number | null;
}

/** A lane that has lost its connection, or sleeps. */
interface Away {
  from: number;
  entry: LedgerEntry | null;
  sleptFrom: number | null;
  slept: number | null;
  /** When a connection stood again. */
  back: number | null;
  /** Ended with notice: no drop, but the lane comes back all the same. */
  announced: boolean;
  /** Woke up with its connection alive: what comes later is another story. */
  survived: boolean;
}

export type EventMark = Observation & EventFact;
export type BeatMark = Observation & HeartbeatFact;
export type DropMark = Observation & DropFact;
export type GapMark = Observation & GapFact;

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

  /** When the last byte is known to have passed, either way. */
  activeAt: number;
  /** The longest silence of a standing connection since the conditions last changed. */
  longestSilence = 0;
  pollsDone = 0;
  pollsFailed = 0;

  readonly bands = new Trail<Band>(KEEP.few);
  readonly polls = new Trail<Poll>(KEEP.polls);
  readonly events = new Trail<EventMark>(KEEP.events);
  readonly beats = new Trail<BeatMark>(KEEP.beats);
  readonly drops = new Trail<DropMark>(KEEP.few);
  readonly gaps = new Trail<GapMark>(KEEP.few);
  readonly bridges = new Trail<Bridge>(KEEP.few);
  readonly density = new Density();

  /** Set from losing the connection until it has resumed. */
  away: Away | null = null;
  readonly #wakes = new Trail<{ at: number }>(KEEP.few);
  #awakeAt = -Infinity;

  constructor(id: string, method: Method, url: string, startedAt: number) {
    this.id = id;
    this.method = method;
    this.url = url;
    this.tally = newTally(method, url);
    this.since = startedAt;
    this.activeAt = startedAt;
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
      this.bands.add({ at: Math.max(open?.to ?? runStartedAt, Math.min(s.since, s.since)), to: null });
    }
    this.activeAt = Math.max(this.activeAt, s.since);
  }

  /** The conditions changed: what was survived before says nothing about now. */
  resetHeadroom(): void {
    this.longestSilence = 0;
  }

  /** Whether bytes are expected on a standing connection, so that silence can end it. */
  get standing(): boolean {
    if (this.state !== 'open') return false;
    return !this.polling || this.phase === 'held' || this.phase === 'requesting';
  }

  /** Whether this lane woke from a sleep between two times. */
  slept(since: number, until: number): boolean {
    return this.#wakes.from(since) < this.#wakes.from(until + 1);
  }

  count(o: Observation): void {
    foldTally(this.tally, o);
  }

  /** Leaves the mark of one observation of this lane. @returns a ledger entry when one begins */
  trace(o: Observation): LedgerEntry | null {
    switch (o.type) {
      case 'state':
        return this.#state(o);
      case 'request':
        this.#active(o.at);
        if (this.polling) {
          this.#back(o.at);
          const open = this.#openPoll();
          if (open) open.to = o.at;
          this.polls.add({
            at: o.at,
            id: o.id,
            to: null,
            status: null,
            bytes: 0,
            empty: false,
            events: 0,
            cut: null,
          });
        }
        return null;
      case 'response':
        this.#active(o.at);
        this.#response(o.id, o.at, o.status, o.bytes, o.empty);
        return null;
      case 'event': {
        this.#active(o.at);
        if (o.cursor !== null) this.cursor = o.cursor;
        this.events.add(o);
        this.density.add(o.at, o.duplicate);
        const poll = this.polling ? this.polls.last : undefined;
        if (poll) poll.events += 1;
        return null;
      }
      case 'heartbeat':
        this.#active(o.at);
        if (o.dir === 'in') this.beats.add(o);
        return null;
      case 'drop':
        return this.#drop(o);
      case 'reconnect':
        this.#reconnect(o);
        return null;
      case 'resume':
        return this.#resume(o);
      case 'gap':
        this.gaps.add(o);
        return null;
      case 'sleep':
        return o.phase === 'begin' ? this.#sleep(o.at) : this.#wake(o.at);
      default:
        return null;
    }
  }

  #active(at: number): void {
    if (this.standing) this.longestSilence = Math.max(this.longestSilence, at - Math.max(this.activeAt, this.since));
    this.activeAt = Math.max(this.activeAt, at);
    // Something came after waking and nothing was lost: the connection lived through the sleep.
    if (this.away && !this.away.entry && this.#awakeAt > this.away.from) this.away.survived = true;
  }

  #state(o: Observation & StateFact): LedgerEntry | null {
    const was = this.state;
    this.state = o.to;
    this.phase = o.phase ?? null;
    this.since = o.at;
    this.until = o.until ?? null;
    this.why = o;
    if (o.to === 'open' && o.from === 'asleep' && this.away && !this.away.entry) this.away.survived = true;
    if (o.to === 'open' && !this.polling) this.#back(o.at);
    if (o.to === 'open' && (was !== 'open' || o.from !== 'open')) {
      this.activeAt = o.at;
      this.attempt = 0;
      if (!this.polling && this.bands.last?.to !== null) this.bands.add({ at: o.at, to: null });
    } else if (o.to !== 'open') {
      this.#closeBand(o.at);
      if (o.to === 'waiting' && (o.reason === 'announced-end' || o.reason === 'server-advice') && !this.away?.entry) {
        this.away = {
          from: o.at,
          entry: null,
          sleptFrom: null,
          slept: null,
          back: null,
          announced: true,
          survived: false,
        };
      }
      if (o.to === 'stopped' || o.to === 'failed') {
        this.#cutPoll(o.at, 'stop');
        this.away = null;
      }
    }
    return null;
  }

  #back(at: number): void {
    if (this.away?.entry || this.away?.announced || (this.away && this.#awakeAt > this.away.from))
      this.away.back ??= at;
  }

  #response(id: number, at: number, status: number, size: number, empty: boolean): void {
    if (!this.polling) return;
    let poll = this.polls.last;
    if (!poll || poll.id !== id || poll.cut === 'sleep') {
      // Its request is out of memory, or it came while the client slept.
      poll = {
        at: Math.min(at, Math.max(at - 40, this.#awakeAt)),
        id,
        to: null,
        status,
        bytes: size,
        empty,
        events: 0,
        cut: null,
      };
      this.polls.add(poll);
    }
    poll.to = at;
    poll.status = status;
    poll.bytes = size;
    poll.empty = empty;
    this.pollsDone += 1;
    if (status >= 400) this.pollsFailed += 1;
  }

  #drop(o: DropMark): LedgerEntry {
    if (o.cause === 'idle-limit') this.longestSilence = Math.max(this.longestSilence, o.silence);
    this.drops.add(o);
    this.#closeBand(o.at);
    this.#cutPoll(o.at, 'drop');
    if (this.polling && o.evidence.startsWith('status:') === false) this.pollsFailed += 1;
    if (this.away?.survived || this.away?.announced) this.away = null;
    const asleep = this.away?.slept ?? null;
    const entry: LedgerEntry = {
      at: o.at,
      lane: this.id,
      method: this.method,
      drop: o,
      slept: o.cause === 'client-sleep' ? asleep : null,
      resume: null,
    };
    this.away = {
      from: this.away?.from ?? o.at,
      entry,
      sleptFrom: this.away?.sleptFrom ?? null,
      slept: asleep,
      back: null,
      announced: false,
      survived: false,
    };
    return entry;
  }

  #reconnect(o: Observation & ReconnectFact): void {
    this.attempt = o.attempt;
    if (o.cursor !== null) this.cursor = o.cursor;
  }

  #resume(o: Observation & ResumeFact): LedgerEntry | null {
    const away = this.away?.survived && o.after !== 'sleep' ? null : this.away;
    const from = away?.from ?? o.at;
    this.bridges.add({
      at: o.at,
      from,
      back: Math.max(from, away?.back ?? o.at),
      resume: o,
      slept: away?.slept ?? null,
    });
    this.away = null;
    if (away?.entry) {
      away.entry.resume = o;
      return null;
    }
    return {
      at: this.#awakeAt > from ? this.#awakeAt : from,
      lane: this.id,
      method: this.method,
      drop: null,
      slept: away?.slept ?? null,
      resume: o,
    };
  }

  #sleep(at: number): null {
    this.#closeBand(at);
    this.#cutPoll(at, 'sleep');
    if (!this.away || this.away.survived) {
      this.away = { from: at, entry: null, sleptFrom: at, slept: null, back: null, announced: false, survived: false };
    }
    this.away.sleptFrom = at;
    return null;
  }

  #wake(at: number): null {
    this.#awakeAt = at;
    this.#wakes.add({ at });
    this.activeAt = at;
    if (this.away && this.away.sleptFrom !== null) this.away.slept = at - this.away.sleptFrom;
    return null;
  }

  #closeBand(at: number): void {
    const band = this.bands.last;
    if (band && band.to === null) band.to = at;
  }

  #openPoll(): Poll | null {
    const poll = this.polls.last;
    return poll && poll.to === null ? poll : null;
  }

  #cutPoll(at: number, why: 'drop' | 'sleep' | 'stop'): void {
    const poll = this.#openPoll();
    if (!poll) return;
    poll.to = at;
    poll.cut = why;
  }
}
