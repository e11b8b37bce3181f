import type { Clock } from '../../../shared/clock.ts';
import type { Fact } from '../../../shared/observation.ts';
import type { Dialect } from '../../../shared/dialect/model.ts';
import type { ClientSettings, EndedSignal, Signal } from '../connection/signal.ts';
import { ContinuityTracker } from './continuity.ts';
import { askedCursor, type LaneProgress } from './progress.ts';
import type { LaneState } from './lane-state.ts';

/** How late an event is, and whether it was published before the lane first opened. */
export type LatencyOf = (event: { id: string | null; time: number | null }) => {
  latency: number | null;
  replayed: boolean;
};

interface SignalHandlerOptions {
  dialect: Dialect;
  settings: Readonly<ClientSettings>;
  progress: LaneProgress;
  state: LaneState;
  clock: Clock;
  latencyOf: LatencyOf;
  /** How long the lane has slept since engine time `at`: that is no lateness. */
  asleepSince: (at: number) => number;
  note: (fact: Fact) => void;
}

/** Longest data kept in an event's record. */
const MAX_DATA_LENGTH = 2048;

/** Turns what a connection yields into facts, and keeps what the next connection needs to know. */
export class SignalHandler {
  readonly #options: SignalHandlerOptions;
  readonly #continuity: ContinuityTracker;
  readonly #onFirstOpen: (() => void)[] = [];
  /** The heartbeat period the server last promised; undefined before it said anything. */
  #promisedHeartbeatMs: number | null | undefined = undefined;
  /** It has been said that what is missed cannot be known. */
  #knowsNot = false;
  /** Requests are numbered from 1 on each connection, and through the whole lane in its records. */
  #requestIdBase = 0;
  #lastRequestId = 0;

  constructor(options: SignalHandlerOptions) {
    this.#options = options;
    this.#continuity = new ContinuityTracker(options.dialect.ids, options.progress.cursor);
  }

  /** Whether an event of this id would be one that was had before. */
  isRepeat(id: string, data: string): boolean {
    return this.#continuity.isRepeat(id, data);
  }

  /** Called once, when the lane first opens (at once if it has). */
  onFirstOpen(fn: () => void): void {
    if (this.#options.progress.everOpened) fn();
    else this.#onFirstOpen.push(fn);
  }

  /** A connection is about to be made. @param after what the last one ended with; null where the lane was started */
  connecting(after: string | null): void {
    const { progress } = this.#options;
    if (progress.everOpened) this.#continuity.resumeRequested(askedCursor(progress), after ?? 'user');
    progress.openedAt = null;
    this.#requestIdBase = this.#lastRequestId;
  }

  handle(s: Exclude<Signal, EndedSignal>): void {
    const { progress, note } = this.#options;
    switch (s.kind) {
      case 'open':
        return this.#open();
      case 'phase':
        return this.#phase(s);
      case 'request': {
        const { kind: _, ...request } = s;
        this.#lastRequestId = this.#requestIdBase + s.id;
        return note({ type: 'request', ...request, id: this.#lastRequestId });
      }
      case 'response': {
        const { kind: _, ...response } = s;
        return note({ type: 'response', ...response, id: this.#requestIdBase + s.id });
      }
      case 'event':
        return this.#event(s);
      case 'heartbeat':
        return note({ type: 'heartbeat', kind: s.beat, dir: s.dir, ...(s.rtt === undefined ? {} : { rtt: s.rtt }) });
      case 'promise':
        return this.#heartbeatPromised(s.heartbeatMs);
      case 'caught-up':
        for (const fact of this.#continuity.caughtUp(s.cursor)) note(fact);
        return;
      case 'cursor':
        if (s.apart) progress.apart = true;
        else this.#continuity.cursorMoved(s.cursor);
        progress.cursor = s.cursor;
        return;
      case 'gap': {
        const { from, to, missed, reason, base = to } = s;
        for (const fact of this.#continuity.gapAnnounced(from, base, missed, reason, to)) note(fact);
        progress.cursor = to;
        return;
      }
      case 'epoch': {
        const { epoch, quiet } = s;
        const found = this.#continuity.epochNamed(epoch, quiet);
        // numbers of another life: nothing can be resumed from them
        if (found.length > 0) progress.cursor = null;
        progress.epoch = epoch;
        for (const fact of found) note(fact);
        return;
      }
      case 'rebase': {
        for (const fact of this.#continuity.rebased(s.id)) note(fact);
        progress.cursor = s.id;
        const message = `A snapshot came: ids count anew${s.id === null ? '' : ` from ${s.id}`}, and what it replaces is not missed.`;
        return note({ type: 'notice', level: 'info', code: 'rebase', message });
      }
      case 'unmatched':
        return;
      case 'hint':
        progress.retryHintMs = s.retryMs;
        return;
      case 'steady':
        progress.attempt = 0;
        return;
      case 'notice': {
        const { kind: _, ...notice } = s;
        return note({ type: 'notice', ...notice });
      }
      case 'wire': {
        const { kind: _, ...rest } = s;
        return note({ type: 'wire', ...rest });
      }
    }
  }

  #open(): void {
    const { progress, state, clock, dialect } = this.#options;
    progress.openedAt = clock.now();
    const first = !progress.everOpened;
    progress.everOpened = true;
    state.transition('open', 'connected');
    if (!first) return;
    if (dialect.ids.kind !== 'dense') this.#cannotKnow('The ids here are not dense: what is missed cannot be known.');
    for (const fn of this.#onFirstOpen) fn();
  }

  #cannotKnow(message: string): void {
    this.#knowsNot = true;
    this.#options.note({ type: 'notice', level: 'info', code: 'cannot-know', message });
  }

  #phase({ phase, until }: Extract<Signal, { kind: 'phase' }>): void {
    const { state } = this.#options;
    if (state.current.state !== 'open') return;
    state.transition('open', 'phase', { phase, ...(until === null ? {} : { until: Math.round(until) }) });
  }

  #heartbeatPromised(everyMs: number | null): void {
    const { settings, note } = this.#options;
    if (everyMs === null && this.#promisedHeartbeatMs !== null && settings.deadAfter === 'auto') {
      const message = 'The server sends no heartbeat: if this connection dies silently, nothing will tell.';
      note({ type: 'notice', level: 'info', code: 'no-heartbeat', message });
    }
    this.#promisedHeartbeatMs = everyMs;
  }

  #event(s: Extract<Signal, { kind: 'event' }>): void {
    const { progress, clock, dialect, latencyOf, asleepSince, note } = this.#options;
    const { duplicate, found } = this.#continuity.eventReceived(s);
    if (!this.#knowsNot && dialect.ids.kind === 'dense' && !this.#continuity.isNumbered(s.id, s.epoch)) {
      const what =
        s.id === null ? 'An event came without an id' : `The id ${s.id.slice(0, 100)} is no number that counts`;
      this.#cannotKnow(`${what}: what is missed cannot be known.`);
    }
    for (const fact of found) note(fact);
    if (s.id !== null && !duplicate && !progress.apart) progress.cursor = s.id;
    const { latency: sincePublish, replayed: before } = latencyOf({ id: s.id, time: s.time });
    const replayed = before || s.replayed === true;
    const asleep = sincePublish === null ? 0 : asleepSince(clock.now() - sincePublish);
    const latency = sincePublish === null ? null : Math.max(0, Math.round(sincePublish - asleep));
    note({
      type: 'event',
      cursor: s.id,
      id: s.id,
      event: s.type,
      bytes: s.bytes,
      latency: duplicate ? null : latency,
      duplicate,
      ...(replayed ? { replayed } : {}),
      ...(s.token ? { token: true } : {}),
      data: s.data.length > MAX_DATA_LENGTH ? detached(s.data.slice(0, MAX_DATA_LENGTH)) : s.data,
    });
  }
}

/** A part of a text in V8 keeps the whole of it in memory; a copy does not. */
const detached = (part: string): string => ` ${part}`.slice(1);
