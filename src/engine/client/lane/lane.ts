/**
 * One client following one channel by one method over one path. It owns the lane's sockets, its clock, its
 * cursor and its state; a transport yields signals, the lane turns them into facts and decides when to dial again.
 */
import type { Method, Phase, State, StateReason } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Dialect } from '../../../shared/protocol/dialect.ts';
import type { Fact } from '../../../shared/observation.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import type { Journal } from '../../journal/journal.ts';
import { TRANSPORTS } from '../../transports/index.ts';
import type { Transport } from '../../transports/base/transport.ts';
import { backoffDelay, type BackoffKind } from './backoff.ts';
import { ContinuityTracker } from './continuity.ts';
import { endedSignal } from '../connection/ended.ts';
import { ClientNetwork, type EnterPath, type ClientNetworkOptions } from '../net/network.ts';
import { sentence } from '../connection/sentence.ts';
import type { ClientSettings, EndedSignal, Signal } from '../connection/signal.ts';
import { FreezableClock } from './freezable-clock.ts';
import { canTransition } from './states.ts';
import { TrafficReporter } from './traffic.ts';
import { dropFact, asSeenWithoutPath, waitReason } from './drop.ts';

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
  enter: EnterPath;
  /** Whether the path reads HTTP, and so has to be the one that speaks TLS. */
  readsHttp?: () => boolean;
  causes: Causes;
  latencyOf: (event: { id: string | null; time: number | null }) => { latency: number | null; replayed: boolean };
  offline?: boolean;
  /** Extra trust for TLS, as `tls.connect` takes it. */
  tls?: ClientNetworkOptions['tls'];
  /** For tests: a transport in place of the method's own. */
  transport?: Transport;
}

const NO_RETRY_HINT = 'The lane does not come back by itself; start it again once the cause is mended.';

/** Longest data kept in an event's record. */
const MAX_DATA_LENGTH = 2048;

interface SleepState {
  /** What the sleep interrupted. */
  state: State;
  phase: Phase | null;
  until: number | null;
  timers: 'fire' | 'resume';
  cancel: Cancel;
  /** Resolves with the wake. */
  woken: Promise<void>;
  resolveWoken: () => void;
}

type WaitOutcome = 'elapsed' | 'retry-now' | 'online' | 'stopped';

export class Lane {
  readonly id: string;
  readonly #options: LaneOptions;
  readonly #settings: LaneSettings;
  readonly #clock: FreezableClock;
  readonly #network: ClientNetwork;
  readonly #continuity: ContinuityTracker;
  readonly #traffic: TrafficReporter;
  readonly #memory = new Map<string, string>();
  readonly #transport: Transport;
  #state: State = 'idle';
  #phase: Phase | null = null;
  #since: number;
  #until: number | null = null;
  #cursor: string | null;
  /** The run of connections that is under way; stopping aborts it. */
  #loop: AbortController | null = null;
  #endWait: ((why: WaitOutcome) => void) | null = null;
  #attempt = 0;
  /** Why the next connection is made. */
  #connectReason: StateReason = 'start';
  /** SSE `retry:`: a floor for every reconnect until the server says otherwise. */
  #retryHintMs: number | null = null;
  #openedAt: number | null = null;
  /** The heartbeat period the server last promised; undefined before it said anything. */
  #promisedHeartbeatMs: number | null | undefined = undefined;
  #everConnected = false;
  #firstOpen: { done: boolean; listeners: (() => void)[] } = { done: false, listeners: [] };
  #requestIdBase = 0;
  #lastRequestId = 0;
  #sleep: SleepState | null = null;

  constructor(options: LaneOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...options.settings };
    this.#clock = new FreezableClock(options.clock);
    this.#cursor = options.cursor;
    this.#since = options.clock.now();
    this.#continuity = new ContinuityTracker(options.dialect.dense, options.cursor);
    this.#transport = options.transport ?? TRANSPORTS[options.method];
    this.#network = new ClientNetwork({
      lane: options.id,
      clock: this.#clock,
      enter: options.enter,
      readsHttp: options.readsHttp,
      causes: options.causes,
      ...(options.tls ? { tls: options.tls } : {}),
    });
    this.#traffic = new TrafficReporter(this.#network, options.clock, (fact) => this.#note(fact));
    if (options.offline) this.#network.setOffline(true);
  }

  /** Begins, or begins again after a stop or a final refusal. Does nothing while under way. */
  start(): void {
    if (this.#loop) return;
    const loop = new AbortController();
    this.#loop = loop;
    this.#attempt = 0;
    this.#runLoop(loop)
      .catch((error: unknown) => this.#reportError(error))
      .finally(() => {
        if (this.#loop === loop) this.#loop = null;
      });
  }

  /** Takes hold at any moment, asleep or not. */
  stop(): void {
    if (this.#state === 'stopped') return;
    this.#cancelSleep();
    this.#abort();
    if (canTransition(this.#state, 'stopped')) this.#transition('stopped', 'user');
  }

  /** Ends a wait early; begins again after a stop or a final refusal. */
  retryNow(): void {
    if (this.#sleep) return;
    if (this.#endWait) this.#endWait('retry-now');
    else this.start();
  }

  /** Freezes the lane's sockets: nothing is read, written or timed until it wakes. */
  sleep(ms: number, timers: 'fire' | 'resume'): void {
    if (this.#sleep || !canTransition(this.#state, 'asleep')) return;
    const until = Math.round(this.#options.clock.now() + ms);
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, () => this.wake());
    this.#sleep = {
      state: this.#state,
      phase: this.#phase,
      until: this.#until,
      timers,
      cancel,
      woken: over,
      resolveWoken: end,
    };
    this.#note({ type: 'sleep', phase: 'begin', what: 'lane', until, timers });
    this.#transition('asleep', 'sleep', { until });
    this.#clock.freeze();
    this.#network.freeze();
  }

  wake(): void {
    const sleep = this.#sleep;
    if (!sleep) return;
    this.#sleep = null;
    sleep.cancel();
    sleep.resolveWoken();
    this.#note({ type: 'sleep', phase: 'end', what: 'lane', timers: sleep.timers });
    const { state, phase, until } = sleep;
    this.#transition(state, 'wake', { ...(phase ? { phase } : {}), ...(until === null ? {} : { until }) });
    this.#network.markWake();
    // timers first, then what waits on the wire: the order in which an event loop wakes
    this.#clock.thaw(sleep.timers);
    this.#network.thaw();
  }

  setOffline(offline: boolean): void {
    if (offline === this.#network.offline) return;
    this.#network.setOffline(offline);
    if (!offline && !this.#sleep) this.#endWait?.('online');
  }

  /** Ends its connections from this end of the path, as if something on the way had. */
  cut(end: 'fin' | 'rst'): void {
    this.#network.cut(end);
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
    this.#cancelSleep();
    this.#abort();
    this.#traffic.close();
    // let what was aborted run its clean-up
    await Promise.resolve();
  }

  // --- the connection loop: connect, read, wait, repeat

  async #runLoop(loop: AbortController): Promise<void> {
    for (let after: string | null = null; ;) {
      const end = await this.#runConnection(loop, after);
      // it may have been put to sleep just as the connection, or the wait, ended
      for (let nap = this.#awake(); nap; nap = this.#awake()) await nap;
      if (end === null || loop.signal.aborted) return;
      const delay = this.#handleEnd(end);
      if (delay === null) return;
      // what the next resume follows is the end that was first, not the attempts that failed since
      if (after === null || this.#openedAt !== null) after = end.announced ? 'announced' : end.evidence;
      const why = await this.#wait(delay);
      for (let nap = this.#awake(); nap; nap = this.#awake()) await nap;
      if (why === 'stopped' || loop.signal.aborted) return;
      this.#connectReason = why === 'elapsed' ? 'back-off' : why;
    }
  }

  /** Resolves with the wake; null while awake. */
  #awake(): Promise<void> | null {
    return this.#sleep?.woken ?? null;
  }

  /** One connection, from dialling to its end. @returns null when the lane was stopped */
  async #runConnection(loop: AbortController, after: string | null): Promise<EndedSignal | null> {
    this.#transition('connecting', after === null ? 'start' : this.#connectReason);
    const resume = this.#everConnected && this.#cursor !== null;
    if (this.#everConnected) this.#continuity.resumeRequested(this.#cursor, after ?? 'user');
    this.#openedAt = null;
    this.#requestIdBase = this.#lastRequestId;
    const connection = new AbortController();
    const abort = (): void => connection.abort();
    loop.signal.addEventListener('abort', abort, { once: true });
    try {
      const signals = this.#transport.connect({
        url: this.#options.url,
        headers: this.#options.headers,
        dialect: this.#options.dialect,
        cursor: this.#cursor,
        resume,
        clock: this.#clock,
        random: this.#options.random,
        network: this.#network,
        settings: this.#settings,
        memory: this.#memory,
        isRepeat: (id) => this.#continuity.isRepeat(id),
        signal: connection.signal,
      });
      for await (const s of signals) {
        while (this.#sleep) await this.#sleep.woken;
        if (loop.signal.aborted) return null;
        if (s.kind === 'ended') return s;
        this.#handleSignal(s);
      }
      return loop.signal.aborted ? null : endedSignal('protocol', { detail: 'the connection ended without a word' });
    } catch (error) {
      if (loop.signal.aborted) return null;
      return endedSignal('protocol', { by: 'client', detail: this.#reportError(error) });
    } finally {
      loop.signal.removeEventListener('abort', abort);
      connection.abort();
    }
  }

  /** An exception of ours ends neither the process nor another lane. */
  #reportError(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    this.#note({ type: 'notice', level: 'error', code: 'lane-error', message });
    return message;
  }

  #handleSignal(s: Exclude<Signal, EndedSignal>): void {
    switch (s.kind) {
      case 'open':
        this.#openedAt = this.#clock.now();
        this.#everConnected = true;
        this.#transition('open', 'connected');
        if (!this.#firstOpen.done) {
          this.#firstOpen.done = true;
          if (!this.#options.dialect.dense) {
            const message = 'The ids here are not dense: what is missed cannot be known.';
            this.#note({ type: 'notice', level: 'info', code: 'cannot-know', message });
          }
          for (const fn of this.#firstOpen.listeners) fn();
        }
        break;
      case 'phase':
        if (this.#state === 'open') {
          this.#transition('open', 'phase', {
            phase: s.phase,
            ...(s.until === null ? {} : { until: Math.round(s.until) }),
          });
        }
        break;
      case 'request': {
        const { kind: _, ...request } = s;
        this.#lastRequestId = this.#requestIdBase + s.id;
        this.#note({ type: 'request', ...request, id: this.#lastRequestId });
        break;
      }
      case 'response': {
        const { kind: _, ...response } = s;
        this.#note({ type: 'response', ...response, id: this.#requestIdBase + s.id });
        break;
      }
      case 'event':
        this.#handleEvent(s);
        break;
      case 'heartbeat':
        this.#note({ type: 'heartbeat', kind: s.beat, dir: s.dir, ...(s.rtt === undefined ? {} : { rtt: s.rtt }) });
        break;
      case 'promise':
        if (s.heartbeatMs === null && this.#promisedHeartbeatMs !== null && this.#settings.deadAfter === 'auto') {
          const message = 'The server sends no heartbeat: if this connection dies silently, nothing will tell.';
          this.#note({ type: 'notice', level: 'info', code: 'no-heartbeat', message });
        }
        this.#promisedHeartbeatMs = s.heartbeatMs;
        break;
      case 'caught-up':
        for (const fact of this.#continuity.caughtUp(s.cursor)) this.#note(fact);
        break;
      case 'cursor':
        this.#continuity.cursorMoved(s.cursor);
        this.#cursor = s.cursor;
        break;
      case 'gap':
        for (const fact of this.#continuity.gapAnnounced(s.from, s.to, s.missed, s.reason)) this.#note(fact);
        this.#cursor = s.to;
        break;
      case 'hint':
        this.#retryHintMs = s.retryMs;
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

  #handleEvent(s: Extract<Signal, { kind: 'event' }>): void {
    const { duplicate, found } = this.#continuity.eventReceived(s.id);
    for (const fact of found) this.#note(fact);
    if (s.id !== null && !duplicate) this.#cursor = s.id;
    const { latency, replayed } = this.#options.latencyOf({ id: s.id, time: s.time });
    this.#note({
      type: 'event',
      cursor: s.id,
      id: s.id,
      event: s.type,
      bytes: s.bytes,
      latency: duplicate ? null : latency,
      duplicate,
      ...(replayed ? { replayed } : {}),
      data: s.data.length > MAX_DATA_LENGTH ? s.data.slice(0, MAX_DATA_LENGTH) : s.data,
    });
  }

  /** Moves the lane on after a connection ended. @returns how long to wait before dialling again; null: not at all */
  #handleEnd(seen: EndedSignal): number | null {
    const report = this.#network.closeReport();
    const end = asSeenWithoutPath(seen, report);
    const drop = dropFact(end, report, this.#clock.now());
    if (this.#openedAt !== null && this.#clock.now() - this.#openedAt >= DEFAULTS.backoff.resetAfterMs) {
      if (this.#options.method === 'sse' || this.#options.method === 'websocket') this.#attempt = 0;
    }
    const { evidence } = end;
    if (end.final) {
      if (!end.announced && this.#openedAt !== null) this.#note(drop);
      if (end.why !== 'ended' && end.notice !== null) {
        const message = sentence(end.detail ?? `the server ended it with ${evidence}`);
        const { code = end.why ?? 'failed', hint = NO_RETRY_HINT } = end.notice ?? {};
        this.#note({ type: 'notice', level: 'error', code, message, ...(hint === '' ? {} : { hint }) });
      }
      this.#transition('failed', end.why ?? 'refused-by-server', { evidence });
      return null;
    }
    const advice = Math.max(end.retryMs ?? 0, this.#retryHintMs ?? 0);
    const delay = backoffDelay(this.#settings.backoff, this.#attempt, advice, this.#options.random);
    if (!end.announced) {
      this.#note(drop);
      this.#transition('dropped', report.known?.cause === 'offline' ? 'offline' : 'dropped', { evidence });
    }
    const until = Math.round(this.#clock.now() + delay);
    this.#transition('waiting', waitReason(end), end.announced ? { until, evidence } : { until });
    this.#attempt++;
    this.#note({ type: 'reconnect', attempt: this.#attempt, delay, cursor: this.#cursor });
    return delay;
  }

  #wait(ms: number): Promise<WaitOutcome> {
    return new Promise((resolve) => {
      const end = (why: WaitOutcome): void => {
        cancel();
        this.#endWait = null;
        resolve(why);
      };
      const cancel = this.#clock.after(ms, () => end('elapsed'));
      this.#endWait = end;
    });
  }

  #abort(): void {
    this.#loop?.abort();
    this.#loop = null;
    this.#endWait?.('stopped');
    this.#network.destroy();
  }

  /** Stopping a lane that is asleep: no timer may fire and nothing may be read any more. */
  #cancelSleep(): void {
    if (!this.#sleep) return;
    this.#sleep.cancel();
    this.#sleep.resolveWoken();
    this.#sleep = null;
    this.#note({ type: 'sleep', phase: 'end', what: 'lane' });
    this.#abort();
    this.#clock.thaw('resume');
    this.#network.thaw();
  }

  /** The one place where the state changes. */
  #transition(
    to: State,
    reason: StateReason,
    more: { phase?: Phase; until?: number; evidence?: EndedSignal['evidence'] } = {},
  ): void {
    const from = this.#state;
    if (!canTransition(from, to)) throw new Error(`a lane may not pass from ${from} to ${to}`);
    this.#state = to;
    this.#phase = more.phase ?? null;
    this.#until = more.until ?? null;
    if (from !== to) this.#since = this.#options.clock.now();
    this.#note({ type: 'state', from, to, reason, ...more });
  }

  #note(fact: Fact): void {
    this.#options.journal.note(this.id, fact);
  }
}
