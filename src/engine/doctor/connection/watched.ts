/** One connection that is watched: all that came over it, when, and how it ended. */
import type { EndedBy, Evidence, Method } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Dialect } from '../../../shared/dialect/model.ts';
import type { Random } from '../../../shared/random.ts';
import type { ClientSettings, EndedSignal, Signal } from '../../client/connection/signal.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { TRANSPORTS } from '../../transports/index.ts';
import type { Ledger } from '../ledger.ts';
import { endpointOf } from './endpoint.ts';
import type { Dialler } from './dialler.ts';
import { parseHead, type Head } from './head.ts';

export interface SeenEvent {
  at: number;
  id: string | null;
  type: string;
  time: number | null;
  data: string;
  bytes: number;
}

export interface SeenBeat {
  at: number;
  kind: 'comment' | 'ping' | 'pong' | 'message';
  dir: 'in' | 'out';
  rtt: number | null;
}

export interface SeenAnswer {
  at: number;
  status: number;
  bytes: number;
  took: number;
  empty: boolean;
}

export interface SeenEnd {
  at: number;
  evidence: Evidence;
  by: EndedBy;
  announced: boolean;
  /** The other side said not to come back. */
  final: boolean;
  retryMs: number | null;
  reason: string | null;
  detail: string | null;
  cause: string | null;
  /** Ms since the last byte, and since the connection was made. */
  silence: number;
  age: number;
}

export interface WatchOrder {
  /** How it is called in evidence: `silent 1`. */
  name: string;
  method: Method;
  url: string;
  dialect: Dialect;
  headers: Record<string, string>;
  /** Sent with POST; absent or null: a GET. */
  body?: string | null;
  cursor?: string | null;
  resume?: boolean;
  pingMs?: number | null;
  pongs?: boolean;
  acceptEncoding?: string;
  holdMs?: number;
  pollMs?: number;
  /** A poller stops by itself after so many requests. */
  maxRequests?: number;
  /** What a poller keeps from one connection to the next. */
  memory?: Map<string, string>;
}

/** More of one connection than this is no evidence any more, and only counted. */
const KEPT = 4000;

export class Watched {
  readonly order: WatchOrder;
  readonly settings: ClientSettings;
  /** When the request went out; null before. */
  requestedAt: number | null = null;
  openAt: number | null = null;
  head: Head | null = null;
  lastHead: Head | null = null;
  /** When each request went out. */
  readonly requestTimes: number[] = [];
  readonly events: SeenEvent[] = [];
  readonly beats: SeenBeat[] = [];
  readonly answers: SeenAnswer[] = [];
  readonly gaps: { at: number; from: string | null; to: string | null; missed: number | null; reason: string }[] = [];
  readonly notices: { at: number; code: string; message: string }[] = [];
  /** Bytes that came, in all, whenever some did. */
  readonly arrivals: { at: number; total: number }[] = [];
  retryMs: number | null = null;
  promisedBeatMs: number | null | undefined = undefined;
  end: SeenEnd | null = null;
  lastByteAt: number | null = null;
  connectedAt: number | null = null;
  bytesIn = 0;
  bytesOut = 0;
  /** The other side closed the kept connection between two polls. */
  idleClosedAt: number | null = null;
  /** Resolves when it is over, by whoever's doing. */
  readonly done: Promise<void>;
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #stop = new AbortController();
  #changed = Promise.withResolvers<void>();

  constructor(order: WatchOrder, o: { clock: Clock; random: Random; ledger: Ledger; dialler: Dialler }) {
    this.order = order;
    this.#clock = o.clock;
    this.#ledger = o.ledger;
    this.settings = {
      pollMs: order.pollMs ?? DEFAULTS.pollMs,
      holdMs: order.holdMs ?? DEFAULTS.holdMs,
      pingMs: order.pingMs ?? null,
      deadAfter: 'off',
      pongs: order.pongs ?? true,
      acceptEncoding: order.acceptEncoding ?? 'off',
      wire: true,
    };
    this.done = this.#run(o.dialler, o.random);
  }

  /** Whether it stands open just now. */
  get isOpen(): boolean {
    return this.openAt !== null && this.end === null && !this.#stop.signal.aborted;
  }

  /** The other side, or the way to it, has ended it. */
  get over(): boolean {
    return this.end !== null;
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Waits until it holds, the connection is over or time is up. @returns whether it holds */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const endsAt = this.#clock.now() + ms;
    while (!holds() && this.end === null && !this.stopped) {
      const left = endsAt - this.#clock.now();
      if (left <= 0) break;
      const late = Promise.withResolvers<void>();
      const cancel = this.#clock.after(left, late.resolve);
      await Promise.race([this.#changed.promise, late.promise]);
      cancel();
    }
    return holds();
  }

  async #run(dialler: Dialler, random: Random): Promise<void> {
    const { method, url, headers, body = null, dialect, cursor = null, resume = false } = this.order;
    const network = dialler.line(this.order.name);
    network.onBytes = () => {
      this.bytesOut = network.bytesOut;
      this.connectedAt ??= network.newest?.connectedAt ?? null;
      if (network.bytesIn === this.bytesIn) return;
      this.bytesIn = network.bytesIn;
      this.lastByteAt = this.#clock.now();
      if (this.arrivals.length < KEPT) this.arrivals.push({ at: this.lastByteAt, total: this.bytesIn });
    };
    try {
      const signals = TRANSPORTS[method].connect({
        url,
        endpoint: endpointOf(method, headers, body),
        dialect,
        cursor,
        epoch: null,
        resume,
        clock: this.#clock,
        random,
        network,
        settings: this.settings,
        memory: this.order.memory ?? new Map<string, string>(),
        signal: this.#stop.signal,
      });
      for await (const s of signals) {
        if (s.kind === 'ended') {
          const { silence, connectedAt } = network.closeReport();
          this.connectedAt ??= connectedAt;
          this.#ended(s, silence);
        } else this.#take(s);
        this.#wake();
      }
    } finally {
      dialler.release(network);
      this.#stop.abort();
      this.#wake();
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #take(s: Exclude<Signal, EndedSignal>): void {
    const at = this.#clock.now();
    switch (s.kind) {
      case 'request':
        this.#ledger.noteRequest();
        this.requestedAt ??= at;
        this.requestTimes.push(at);
        if (this.requestTimes.length > (this.order.maxRequests ?? Infinity) || this.#ledger.requestsLeft < 0)
          this.stop();
        break;
      case 'open':
        this.openAt ??= at;
        break;
      case 'event':
        if (this.events.length < KEPT) {
          this.events.push({ at, id: s.id, type: s.type, time: s.time, data: s.data.slice(0, 4096), bytes: s.bytes });
        }
        break;
      case 'heartbeat':
        if (this.beats.length < KEPT) this.beats.push({ at, kind: s.beat, dir: s.dir, rtt: s.rtt ?? null });
        break;
      case 'response': {
        const { status, bytes, took, empty } = s;
        this.answers.push({ at, status, bytes, took, empty });
        if (this.requestTimes.length >= (this.order.maxRequests ?? Infinity)) this.stop();
        break;
      }
      case 'gap':
        this.gaps.push({ at, from: s.from, to: s.to, missed: s.missed, reason: s.reason });
        break;
      case 'hint':
        this.retryMs = s.retryMs;
        break;
      case 'promise':
        this.promisedBeatMs = s.heartbeatMs;
        break;
      case 'notice':
        if (s.code === 'idle-closed') this.idleClosedAt ??= at;
        this.notices.push({ at, code: s.code, message: s.message });
        break;
      case 'wire':
        if (s.what === 'response' && s.dir === 'in') {
          this.lastHead = parseHead(s.text);
          this.head ??= this.lastHead;
        }
        break;
      default:
        break;
    }
  }

  #ended(s: EndedSignal, silence: number): void {
    const at = this.#clock.now();
    this.end = {
      at,
      evidence: s.evidence,
      by: s.by,
      announced: s.announced,
      final: s.final,
      retryMs: s.retryMs,
      reason: s.reason ?? null,
      detail: s.detail ?? null,
      cause: s.cause ?? null,
      silence,
      age: Math.round(at - (this.connectedAt ?? at)),
    };
  }
}
