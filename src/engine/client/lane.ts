/**
 * One client following one channel by one method over one path. It owns the lane's end of the wire, its clock, its
 * cursor and its state; a transport yields signals, the lane makes facts of them and decides when to dial again.
 */
import type { Method, Phase, State, StateReason } from '../../shared/catalog.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Dialect } from '../../shared/dialect.ts';
import type { Fact } from '../../shared/observation.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import type { Journal } from '../journal.ts';
import { TRANSPORTS } from '../transports/index.ts';
import type { Transport } from '../transports/transport.ts';
import { backoffDelay, type BackoffKind } from './backoff.ts';
import { Continuity } from './continuity.ts';
import { ended } from './ended.ts';
import { Line, type Enter, type LineOptions } from './line.ts';
import { sentence } from './sentence.ts';
import type { ClientSettings, Ended, Signal } from './signal.ts';
import { SleepingClock } from './sleeping-clock.ts';
import { mayPass } from './states.ts';
import { Traffic } from './traffic.ts';
import { dropFact, throughDirect, waitReason } from './verdict.ts';

export type LaneSettings = ClientSettings & { backoff: BackoffKind };

export interface LaneOptions {
  id: string;
  method: Method;
  url: string;
  dialect: Dialect;
  headers: Record<string, string>;
  /** Where to start: a cursor, a word of the dialect, or null for the endpoint's own start. */
  cursor: string | null;
  settings: LaneSettings;
  clock: Clock;
  random: Random;
  journal: Journal;
  enter: Enter;
  /** Whether the path reads HTTP, and so has to be the one that speaks TLS. */
  readsHttp?: () => boolean;
  causes: Causes;
  latencyOf: (event: { id: string | null; time: number | null }) => { latency: number | null; replayed: boolean };
  offline?: boolean;
  /** Extra trust for TLS, as `tls.connect` takes it. */
  tls?: LineOptions['tls'];
  /** For tests: a transport in place of the method's own. */
  transport?: Transport;
}

const FOR_GOOD = 'The lane does not come back by itself; start it again once the cause is mended.';

/** Longest data kept in an event's record. */
const DATA_KEPT = 2048;

interface Sleep {
  /** What the sleep interrupted. */
  state: State;
  phase: Phase | null;
  until: number | null;
  timers: 'fire' | 'resume';
  cancel: Cancel;
  /** Resolves with the wake. */
  over: Promise<void>;
  end: () => void;
}

type Rest = 'elapsed' | 'retry-now' | 'online' | 'stopped';

export class Lane {
  readonly id: string;
  readonly #o: LaneOptions;
  readonly #settings: LaneSettings;
  readonly #clock: SleepingClock;
  readonly #line: Line;
  readonly #continuity: Continuity;
  readonly #traffic: Traffic;
  readonly #memory = new Map<string, string>();
  readonly #transport: Transport;
  #state: State = 'idle';
  #phase: Phase | null = null;
  #since: number;
  #until: number | null = null;
  #cursor: string | null;
  /** The run of connections that is under way; stopping aborts it. */
  #life: AbortController | null = null;
  #endRest: ((why: Rest) => void) | null = null;
  #attempt = 0;
  /** Why the next connection is made. */
  #reconnecting: StateReason = 'start';
  /** SSE `retry:`: a floor for every reconnect until the server says otherwise. */
  #hintMs: number | null = null;
  #openedAt: number | null = null;
  /** The last promise of a heartbeat; undefined before the first word on it. */
  #promised: number | null | undefined = undefined;
  #everConnected = false;
  #firstOpen: { done: boolean; listeners: (() => void)[] } = { done: false, listeners: [] };
  #requestBase = 0;
  #requestLast = 0;
  #asleep: Sleep | null = null;

  constructor(options: LaneOptions) {
    this.id = options.id;
    this.#o = options;
    this.#settings = { ...options.settings };
    this.#clock = new SleepingClock(options.clock);
    this.#cursor = options.cursor;
    this.#since = options.clock.now();
    this.#continuity = new Continuity(options.dialect.dense, options.cursor);
    this.#transport = options.transport ?? TRANSPORTS[options.method];
    this.#line = new Line({
      lane: options.id,
      clock: this.#clock,
      enter: options.enter,
      readsHttp: options.readsHttp,
      causes: options.causes,
      ...(options.tls ? { tls: options.tls } : {}),
    });
    this.#traffic = new Traffic(this.#line, options.clock, (fact) => this.#note(fact));
    if (options.offline) this.#line.setOffline(true);
  }

  /** Begins, or begins again after a stop or a final refusal. Does nothing while under way. */
  start(): void {
    if (this.#life) return;
    const life = new AbortController();
    this.#life = life;
    this.#attempt = 0;
    this.#live(life)
      .catch((error: unknown) => this.#confess(error))
      .finally(() => {
        if (this.#life === life) this.#life = null;
      });
  }

  /** Takes hold at any moment, asleep or not. */
  stop(): void {
    if (this.#state === 'stopped') return;
    this.#dropSleep();
    this.#halt();
    if (mayPass(this.#state, 'stopped')) this.#pass('stopped', 'user');
  }

  /** Ends a wait early; begins again after a stop or a final refusal. */
  retryNow(): void {
    if (this.#asleep) return;
    if (this.#endRest) this.#endRest('retry-now');
    else this.start();
  }

  /** Freezes the lane's end of the wire: nothing is read, written or timed until it wakes. */
  sleep(ms: number, timers: 'fire' | 'resume'): void {
    if (this.#asleep || !mayPass(this.#state, 'asleep')) return;
    const until = Math.round(this.#o.clock.now() + ms);
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const cancel = this.#o.clock.after(ms, () => this.wake());
    this.#asleep = { state: this.#state, phase: this.#phase, until: this.#until, timers, cancel, over, end };
    this.#note({ type: 'sleep', phase: 'begin', what: 'lane', until, timers });
    this.#pass('asleep', 'sleep', { until });
    this.#clock.freeze();
    this.#line.freeze();
  }

  wake(): void {
    const slept = this.#asleep;
    if (!slept) return;
    this.#asleep = null;
    slept.cancel();
    slept.end();
    this.#note({ type: 'sleep', phase: 'end', what: 'lane', timers: slept.timers });
    const { state, phase, until } = slept;
    this.#pass(state, 'wake', { ...(phase ? { phase } : {}), ...(until === null ? {} : { until }) });
    this.#line.markWake();
    // timers first, then what waits on the wire: the order in which an event loop wakes
    this.#clock.thaw(slept.timers);
    this.#line.thaw();
  }

  setOffline(offline: boolean): void {
    if (offline === this.#line.offline) return;
    this.#line.setOffline(offline);
    if (!offline && !this.#asleep) this.#endRest?.('online');
  }

  /** Ends its connections from this end of the path, as if something on the way had. */
  cut(end: 'fin' | 'rst'): void {
    this.#line.cut(end);
  }

  /** Takes hold in place where the method allows it, else with the next connection. */
  set(change: Partial<LaneSettings>): void {
    Object.assign(this.#settings, change);
  }

  snapshot(): { state: State; phase: Phase | null; since: number; until: number | null; cursor: string | null } {
    return {
      state: this.#state,
      phase: this.#phase,
      since: Math.round(this.#since),
      until: this.#until,
      cursor: this.#cursor,
    };
  }

  /** Called once, when the lane first opens (at once if it has). */
  onFirstOpen(fn: () => void): void {
    if (this.#firstOpen.done) fn();
    else this.#firstOpen.listeners.push(fn);
  }

  /** Ends without a further state; resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#dropSleep();
    this.#halt();
    this.#traffic.close();
    // give what was aborted its turn to let go
    await Promise.resolve();
  }

  // --- one life: connect, follow, rest, again

  async #live(life: AbortController): Promise<void> {
    for (let after: string | null = null; ;) {
      const end = await this.#follow(life, after);
      // it may have fallen asleep in the very breath in which the connection ended, or the rest
      for (let nap = this.#nap(); nap; nap = this.#nap()) await nap;
      if (end === null || life.signal.aborted) return;
      const delay = this.#settle(end);
      if (delay === null) return;
      // what the next resume follows is the end that was first, not the attempts that failed since
      if (after === null || this.#openedAt !== null) after = end.announced ? 'announced' : end.evidence;
      const why = await this.#rest(delay);
      for (let nap = this.#nap(); nap; nap = this.#nap()) await nap;
      if (why === 'stopped' || life.signal.aborted) return;
      this.#reconnecting = why === 'elapsed' ? 'back-off' : why;
    }
  }

  /** Resolves with the wake; null while awake. */
  #nap(): Promise<void> | null {
    return this.#asleep?.over ?? null;
  }

  /** One connection, from dialling to its end. @returns null when the lane was stopped */
  async #follow(life: AbortController, after: string | null): Promise<Ended | null> {
    this.#pass('connecting', after === null ? 'start' : this.#reconnecting);
    const resume = this.#everConnected && this.#cursor !== null;
    if (this.#everConnected) this.#continuity.resuming(this.#cursor, after ?? 'user');
    this.#openedAt = null;
    this.#requestBase = this.#requestLast;
    const one = new AbortController();
    const abort = (): void => one.abort();
    life.signal.addEventListener('abort', abort, { once: true });
    try {
      const signals = this.#transport.connect({
        url: this.#o.url,
        headers: this.#o.headers,
        dialect: this.#o.dialect,
        cursor: this.#cursor,
        resume,
        clock: this.#clock,
        random: this.#o.random,
        line: this.#line,
        settings: this.#settings,
        memory: this.#memory,
        isRepeat: (id) => this.#continuity.isRepeat(id),
        signal: one.signal,
      });
      for await (const s of signals) {
        while (this.#asleep) await this.#asleep.over;
        if (life.signal.aborted) return null;
        if (s.kind === 'ended') return s;
        this.#hear(s);
      }
      return life.signal.aborted ? null : ended('protocol', { detail: 'the connection ended without a word' });
    } catch (error) {
      if (life.signal.aborted) return null;
      return ended('protocol', { by: 'client', detail: this.#confess(error) });
    } finally {
      life.signal.removeEventListener('abort', abort);
      one.abort();
    }
  }

  /** A fault of our own ends neither the process nor another lane. */
  #confess(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    this.#note({ type: 'notice', level: 'error', code: 'lane-error', message });
    return message;
  }

  #hear(s: Exclude<Signal, Ended>): void {
    switch (s.kind) {
      case 'open':
        this.#openedAt = this.#clock.now();
        this.#everConnected = true;
        this.#pass('open', 'connected');
        if (!this.#firstOpen.done) {
          this.#firstOpen.done = true;
          if (!this.#o.dialect.dense) {
            const message = 'The ids here are not dense: what is missed cannot be known.';
            this.#note({ type: 'notice', level: 'info', code: 'cannot-know', message });
          }
          for (const fn of this.#firstOpen.listeners) fn();
        }
        break;
      case 'phase':
        if (this.#state === 'open') {
          this.#pass('open', 'phase', { phase: s.phase, ...(s.until === null ? {} : { until: Math.round(s.until) }) });
        }
        break;
      case 'request': {
        const { kind: _, ...request } = s;
        this.#requestLast = this.#requestBase + s.id;
        this.#note({ type: 'request', ...request, id: this.#requestLast });
        break;
      }
      case 'response': {
        const { kind: _, ...response } = s;
        this.#note({ type: 'response', ...response, id: this.#requestBase + s.id });
        break;
      }
      case 'event':
        this.#event(s);
        break;
      case 'heartbeat':
        this.#note({ type: 'heartbeat', kind: s.beat, dir: s.dir, ...(s.rtt === undefined ? {} : { rtt: s.rtt }) });
        break;
      case 'promise':
        if (s.heartbeatMs === null && this.#promised !== null && this.#settings.deadAfter === 'auto') {
          const message = 'The server sends no heartbeat: if this connection dies silently, nothing will tell.';
          this.#note({ type: 'notice', level: 'info', code: 'no-heartbeat', message });
        }
        this.#promised = s.heartbeatMs;
        break;
      case 'caught-up':
        for (const fact of this.#continuity.caughtUp(s.cursor)) this.#note(fact);
        break;
      case 'cursor':
        this.#continuity.moved(s.cursor);
        this.#cursor = s.cursor;
        break;
      case 'gap':
        for (const fact of this.#continuity.gap(s.from, s.to, s.missed, s.reason)) this.#note(fact);
        this.#cursor = s.to;
        break;
      case 'hint':
        this.#hintMs = s.retryMs;
        break;
      case 'steady':
        this.#attempt = 0;
        break;
      case 'notice': {
        const { kind: _, ...notice } = s;
        this.#note({ type: 'notice', ...notice });
        break;
      }
      case 'wire': {
        const { kind: _, ...rest } = s;
        this.#note({ type: 'wire', ...rest });
      }
    }
  }

  #event(s: Extract<Signal, { kind: 'event' }>): void {
    const { duplicate, found } = this.#continuity.event(s.id);
    for (const fact of found) this.#note(fact);
    if (s.id !== null && !duplicate) this.#cursor = s.id;
    const { latency, replayed } = this.#o.latencyOf({ id: s.id, time: s.time });
    this.#note({
      type: 'event',
      cursor: s.id,
      id: s.id,
      event: s.type,
      bytes: s.bytes,
      latency: duplicate ? null : latency,
      duplicate,
      ...(replayed ? { replayed } : {}),
      data: s.data.length > DATA_KEPT ? s.data.slice(0, DATA_KEPT) : s.data,
    });
  }

  /** What an end makes of the lane. @returns how long to wait before dialling again; null: not at all */
  #settle(seen: Ended): number | null {
    const obituary = this.#line.obituary();
    const end = throughDirect(seen, obituary);
    const drop = dropFact(end, obituary, this.#clock.now());
    if (this.#openedAt !== null && this.#clock.now() - this.#openedAt >= DEFAULTS.backoff.resetAfterMs) {
      if (this.#o.method === 'sse' || this.#o.method === 'websocket') this.#attempt = 0;
    }
    const { evidence } = end;
    if (end.final) {
      if (!end.announced && this.#openedAt !== null) this.#note(drop);
      if (end.why !== 'ended' && end.notice !== null) {
        const message = sentence(end.detail ?? `the server ended it with ${evidence}`);
        const { code = end.why ?? 'failed', hint = FOR_GOOD } = end.notice ?? {};
        this.#note({ type: 'notice', level: 'error', code, message, ...(hint === '' ? {} : { hint }) });
      }
      this.#pass('failed', end.why ?? 'refused-by-server', { evidence });
      return null;
    }
    const advice = Math.max(end.retryMs ?? 0, this.#hintMs ?? 0);
    const delay = backoffDelay(this.#settings.backoff, this.#attempt, advice, this.#o.random);
    if (!end.announced) {
      this.#note(drop);
      this.#pass('dropped', obituary.known?.cause === 'offline' ? 'offline' : 'dropped', { evidence });
    }
    const until = Math.round(this.#clock.now() + delay);
    this.#pass('waiting', waitReason(end), end.announced ? { until, evidence } : { until });
    this.#attempt++;
    this.#note({ type: 'reconnect', attempt: this.#attempt, delay, cursor: this.#cursor });
    return delay;
  }

  #rest(ms: number): Promise<Rest> {
    return new Promise((resolve) => {
      const end = (why: Rest): void => {
        cancel();
        this.#endRest = null;
        resolve(why);
      };
      const cancel = this.#clock.after(ms, () => end('elapsed'));
      this.#endRest = end;
    });
  }

  #halt(): void {
    this.#life?.abort();
    this.#life = null;
    this.#endRest?.('stopped');
    this.#line.destroy();
  }

  /** A sleeper that is stopped: nothing is to fire or be read any more. */
  #dropSleep(): void {
    if (!this.#asleep) return;
    this.#asleep.cancel();
    this.#asleep.end();
    this.#asleep = null;
    this.#note({ type: 'sleep', phase: 'end', what: 'lane' });
    this.#halt();
    this.#clock.thaw('resume');
    this.#line.thaw();
  }

  /** The one place where the state changes. */
  #pass(
    to: State,
    reason: StateReason,
    more: { phase?: Phase; until?: number; evidence?: Ended['evidence'] } = {},
  ): void {
    const from = this.#state;
    if (!mayPass(from, to)) throw new Error(`a lane may not pass from ${from} to ${to}`);
    this.#state = to;
    this.#phase = more.phase ?? null;
    this.#until = more.until ?? null;
    if (from !== to) this.#since = this.#o.clock.now();
    this.#note({ type: 'state', from, to, reason, ...more });
  }

  #note(fact: Fact): void {
    this.#o.journal.note(this.id, fact);
  }
}
