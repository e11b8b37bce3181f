/**
 * One client following one channel by one method over one path. It owns the lane's sockets, its clock, its
 * cursor and its state; a connection yields signals, the lane turns them into facts and decides when to dial again.
 */
import { METHOD_KIND, type Method, type SleepTimers, type StateReason } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { RetryRule } from '../../../shared/endpoint/retry-rules.ts';
import type { Fact } from '../../../shared/observation.ts';
import { asksForCursor } from '../../../shared/dialect/plan.ts';
import type { Dialect } from '../../../shared/dialect/model.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Stall } from '../../time/stall-watch.ts';
import { endedSignal } from '../connection/ended.ts';
import { IdReader } from '../dialect/ids.ts';
import type { ClientSettings, Connect, EndedSignal } from '../connection/signal.ts';
import type { EndpointClient } from '../endpoint/endpoint-client.ts';
import { ClientNetwork, type CloseReport, type EnterPath, type ClientNetworkOptions } from '../net/network.ts';
import { BackgroundTab } from './background-tab.ts';
import type { BackoffKind } from './backoff.ts';
import { EndHandler } from './end-handler.ts';
import { FreezableClock } from './freezable-clock.ts';
import { LaneSleep } from './lane-sleep.ts';
import { LaneState, type StateSnapshot } from './lane-state.ts';
import { newProgress, type LaneProgress } from './progress.ts';
import { SignalHandler, type LatencyOf } from './signal-handler.ts';
import { TrafficReporter } from './traffic.ts';
import { whatFollows } from './what-follows.ts';

export type LaneSettings = ClientSettings & { backoff: BackoffKind };

export interface LaneOptions {
  id: string;
  method: Method;
  /** Makes one connection by the lane's method. */
  connect: Connect;
  url: string;
  dialect: Dialect;
  /** Who asks, and what it sends beside the dialect. */
  endpoint: EndpointClient;
  /** What follows an end, before dialect and method are asked. */
  rules?: readonly RetryRule[];
  /** Where to start: a cursor, a word of the dialect, or null for the endpoint's own start. */
  cursor: string | null;
  settings: LaneSettings;
  clock: Clock;
  random: Random;
  journal: Journal;
  enter: EnterPath;
  /** Whether the path reads HTTP, and so has to be the one that speaks TLS. */
  readsHttp?: () => boolean;
  /** What the lane's own path does, where it lets nothing of this method through; null where it does let it. */
  blockedBy?: () => string | null;
  causes: Causes;
  latencyOf: LatencyOf;
  /** Whether this process has just stood still, in engine time. */
  stall?: (() => Stall | null) | undefined;
  offline?: boolean;
  /** Trust, client certificate and name for TLS, as `tls.connect` takes them. */
  tls?: ClientNetworkOptions['tls'];
  /** Which upstream proxy leads to a target. */
  proxy?: ClientNetworkOptions['proxy'];
  /** How long a dial may take, ms. */
  connectTimeoutMs?: number;
}

type WaitOutcome = 'elapsed' | 'retry-now' | 'online' | 'stopped';

export class Lane {
  readonly id: string;
  readonly #options: LaneOptions;
  readonly #settings: LaneSettings;
  readonly #clock: FreezableClock;
  readonly #network: ClientNetwork;
  readonly #traffic: TrafficReporter;
  /** What the method keeps from one connection to the next. */
  readonly #memory = new Map<string, string>();
  readonly #progress: LaneProgress;
  readonly #state: LaneState;
  readonly #sleep: LaneSleep;
  readonly #background: BackgroundTab;
  readonly #signals: SignalHandler;
  readonly #ends: EndHandler;
  /** The series of connections that is under way; stopping aborts it. */
  #loop: AbortController | null = null;
  #endWait: ((why: WaitOutcome) => void) | null = null;
  /** Tokens refused in a row. */
  #refusedTokens = 0;

  constructor(options: LaneOptions) {
    const { id, clock, dialect, method, random, latencyOf } = options;
    const note = (fact: Fact): void => this.#note(fact);
    this.id = id;
    this.#options = options;
    const ids = new IdReader(dialect.ids);
    const settings = (this.#settings = { ...options.settings });
    const laneClock = (this.#clock = new FreezableClock(clock));
    const network = (this.#network = new ClientNetwork({
      lane: id,
      clock: laneClock.network,
      enter: options.enter,
      readsHttp: options.readsHttp,
      causes: options.causes,
      stall: options.stall,
      ...(options.tls ? { tls: options.tls } : {}),
      proxy: options.proxy,
      connectTimeoutMs: options.connectTimeoutMs,
      onFallback: (answered, failed) => this.#noteFallback(answered, failed),
    }));
    const progress = (this.#progress = newProgress(options.cursor, {
      asks: asksForCursor(dialect, method),
      askedOf: (cursor) => ids.asked(cursor),
    }));
    const state = (this.#state = new LaneState(clock, note));
    this.#traffic = new TrafficReporter(network, clock, note);
    this.#sleep = new LaneSleep({ state, clock, laneClock, network, note });
    this.#background = new BackgroundTab({ clock, laneClock, note });
    this.#signals = new SignalHandler({
      dialect,
      settings,
      progress,
      state,
      clock: laneClock,
      latencyOf,
      asleepSince: (at) => this.#sleep.asleepSince(at),
      note,
    });
    this.#ends = new EndHandler({
      method,
      settings,
      progress,
      state,
      clock: laneClock,
      random,
      note,
      blockedBy: options.blockedBy,
    });
    if (options.offline) network.setOffline(true);
  }

  /** Begins, or begins again after a stop or a final refusal. Does nothing while under way. */
  start(): void {
    if (this.#loop) return;
    const loop = new AbortController();
    this.#loop = loop;
    this.#progress.attempt = 0;
    this.#runLoop(loop)
      .catch((error: unknown) => this.#reportError(error))
      .finally(() => {
        if (this.#loop === loop) this.#loop = null;
      });
  }

  /** Takes hold at any moment, asleep or not. */
  stop(): void {
    if (this.#state.current.state === 'stopped') return;
    this.#sleep.cancel(() => this.#abort());
    this.#abort();
    if (this.#state.may('stopped')) this.#state.transition('stopped', 'user');
  }

  /** Ends a wait early; begins again after a stop or a final refusal. */
  retryNow(): void {
    if (this.#sleep.woken()) return;
    if (this.#endWait) this.#endWait('retry-now');
    else this.start();
  }

  /** Freezes the lane's sockets: nothing is read, written or timed until it wakes. Throttled, only its timers are slowed. */
  sleep(ms: number, timers: SleepTimers): void {
    if (timers === 'throttled') this.#background.begin(ms);
    else this.#sleep.begin(ms, timers);
  }

  wake(): void {
    this.#sleep.end();
    this.#background.end();
  }

  setOffline(offline: boolean): void {
    if (offline === this.#network.offline) return;
    this.#network.setOffline(offline);
    if (!offline && !this.#sleep.woken()) this.#endWait?.('online');
  }

  /** Ends its connections from this end of the path, as if something on the way had. */
  cut(end: 'fin' | 'rst'): void {
    this.#network.cut(end);
  }

  /** Takes hold in place where the method allows it, else with the next connection. */
  set(settings: LaneSettings): void {
    for (const name of Object.keys(this.#settings)) {
      if (!Object.hasOwn(settings, name)) Reflect.deleteProperty(this.#settings, name);
    }
    Object.assign(this.#settings, settings);
  }

  snapshot(): StateSnapshot & { cursor: string | null } {
    const { current } = this.#state;
    return { ...current, since: Math.round(current.since), cursor: this.#progress.cursor };
  }

  /** Called once, when the lane first opens (at once if it has). */
  onFirstOpen(fn: () => void): void {
    this.#signals.onFirstOpen(fn);
  }

  /** Ends without a further state; resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#sleep.cancel(() => this.#abort());
    this.#background.close();
    this.#abort();
    this.#traffic.close();
    // let what was aborted run its clean-up
    await Promise.resolve();
  }

  /** Connect, read, wait, repeat. */
  async #runLoop(loop: AbortController): Promise<void> {
    let reason: StateReason = 'start';
    const stopped = (): boolean => loop.signal.aborted;
    for (let after: string | null = null; ;) {
      const end = await this.#runConnection(loop, reason, after);
      // it may have been put to sleep just as the connection, or the wait, ended
      while (this.#sleep.woken()) await this.#sleep.woken();
      if (end === null || stopped()) return;
      const delay = this.#ends.handle(...this.#withRules(end));
      if (delay === null) return;
      // what the next resume follows is the end that was first, not the attempts that failed since
      if (after === null || this.#progress.openedAt !== null) after = end.announced ? 'announced' : end.evidence;
      const why = await this.#wait(delay);
      while (this.#sleep.woken()) await this.#sleep.woken();
      if (why === 'stopped' || stopped()) return;
      reason = why === 'elapsed' ? 'back-off' : why;
    }
  }

  /** One connection, from dialling to its end. @returns null when the lane was stopped */
  async #runConnection(loop: AbortController, reason: StateReason, after: string | null): Promise<EndedSignal | null> {
    this.#state.transition('connecting', reason);
    this.#signals.connecting(after);
    const connection = new AbortController();
    const abort = (): void => connection.abort();
    loop.signal.addEventListener('abort', abort, { once: true });
    const deadline = this.#deadline(() => connection.abort());
    try {
      for await (const s of this.#options.connect({ ...this.#context(), signal: connection.signal })) {
        while (this.#sleep.woken()) await this.#sleep.woken();
        if (loop.signal.aborted) return null;
        if (s.kind === 'ended') return s;
        this.#signals.handle(s);
      }
      if (deadline.over && !loop.signal.aborted) return deadline.end;
      return loop.signal.aborted ? null : endedSignal('protocol', { detail: 'the connection ended without a word' });
    } catch (error) {
      if (loop.signal.aborted) return null;
      return endedSignal('protocol', { by: 'client', detail: this.#reportError(error) });
    } finally {
      loop.signal.removeEventListener('abort', abort);
      deadline.cancel();
      connection.abort();
    }
  }

  /** A stream's total deadline; a poller has one for each of its polls. */
  #deadline(leave: () => void): { readonly over: boolean; end: EndedSignal; cancel: () => void } {
    const ms = METHOD_KIND[this.#options.method] === 'poll' ? undefined : this.#settings.deadlineMs;
    let over = false;
    const cancel =
      ms === undefined
        ? (): void => {}
        : this.#clock.after(ms, () => {
            over = true;
            leave();
          });
    const detail = `the total deadline of ${seconds(ms ?? 0)} for a connection was over`;
    return {
      get over() {
        return over;
      },
      end: endedSignal('deadline', { detail }),
      cancel,
    };
  }

  /** What the endpoint's own rules make of an end, and another token where the one that was sent is refused. */
  #withRules(seen: EndedSignal): [EndedSignal, CloseReport] {
    const { rules = [], endpoint } = this.#options;
    if (this.#progress.openedAt !== null) this.#refusedTokens = 0;
    const report = this.#network.closeReport();
    const connected = report.connectedAt !== null && seen.evidence !== 'no-token';
    // a token that is refused again, before anything came by it, is not what was wrong
    const mayRefresh = endpoint.refreshable && this.#refusedTokens === 0;
    const end = whatFollows(seen, { rules, repeatable: endpoint.repeatable, connected, mayRefresh });
    if (end.refresh) {
      this.#refusedTokens++;
      endpoint.tokenRefused();
      const message = `The server refused the token (${seen.evidence}): another one is asked for.`;
      this.#note({ type: 'notice', level: 'info', code: 'token-refused', message });
    }
    return [end, report];
  }

  /** Said once for each address: a name whose first address never answers costs every connection its time. */
  #noteFallback(answered: string, failed: string[]): void {
    if (this.#memory.has(`address ${answered}`)) return;
    this.#memory.set(`address ${answered}`, 'yes');
    const message = `${answered} answered, after ${failed.join(' and ')} had not.`;
    const hint = 'Every connection tries that address first, and loses time by it.';
    this.#note({ type: 'notice', level: 'info', code: 'address-fallback', message, hint });
  }

  #context(): Omit<Parameters<Connect>[0], 'signal'> {
    const { url, endpoint, dialect, random } = this.#options;
    const { cursor, epoch, everOpened } = this.#progress;
    return {
      url,
      endpoint,
      dialect,
      cursor,
      epoch,
      resume: everOpened && cursor !== null,
      clock: this.#clock,
      random,
      network: this.#network,
      settings: this.#settings,
      memory: this.#memory,
      isRepeat: (id, data) => this.#signals.isRepeat(id, data),
    };
  }

  /** An exception of ours ends neither the process nor another lane. */
  #reportError(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    this.#note({ type: 'notice', level: 'error', code: 'lane-error', message });
    return message;
  }

  #wait(ms: number): Promise<WaitOutcome> {
    return new Promise((resolve) => {
      const end = (why: WaitOutcome): void => {
        cancel();
        this.#endWait = null;
        resolve(why);
      };
      // an EventSource reconnects by itself: what a page waits for is a timer of its own
      const byBrowser = this.#options.method === 'sse' && this.#settings.retry !== 'resilient';
      const cancel = (byBrowser ? this.#clock.network : this.#clock).after(ms, () => end('elapsed'));
      this.#endWait = end;
    });
  }

  #abort(): void {
    this.#loop?.abort();
    this.#loop = null;
    this.#endWait?.('stopped');
    this.#network.destroy();
  }

  #note(fact: Fact): void {
    this.#options.journal.note(this.id, fact);
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
