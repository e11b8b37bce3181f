import type { ParamValues } from '../../../../shared/path/params.ts';
import type { Direction, CloseMode } from '../../tcp/faults/fault.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Exchange, Policy } from '../policy.ts';
import { STREAM_OPTIONS, UNANSWERED_OPTIONS, ORIGIN_OPTIONS, TUNNEL_OPTIONS } from './outcome-options.ts';

const MAX_DURATION_MS = 864_000_000;

/**
 * The idle timers of an HTTP intermediary. One timer an exchange, set again only when it fires, so that bytes cost
 * nothing.
 */
export const httpIdleTimeout: Policy = {
  id: 'http-idle-timeout',
  label: 'HTTP idle timeout',
  what: 'When the origin has been silent this long, a waiting request gets an error, a stream or WebSocket is ended.',
  params: {
    after: {
      kind: 'duration',
      label: 'Idle limit',
      help: '0 is no limit.',
      default: 60_000,
      min: 0,
      max: MAX_DURATION_MS,
    },
    'first-byte': {
      kind: 'duration',
      label: 'Limit before an answer begins',
      help: '0 is the same as the idle limit.',
      default: 0,
      min: 0,
      max: MAX_DURATION_MS,
    },
    websocket: {
      kind: 'duration',
      label: 'Limit for WebSocket',
      help: '0 is the same as the idle limit.',
      default: 0,
      min: 0,
      max: MAX_DURATION_MS,
    },
    poll: { kind: 'choice', label: 'A waiting request gets', default: '504', options: UNANSWERED_OPTIONS },
    stalled: {
      kind: 'choice',
      label: 'A request that does not go on gets',
      default: 'same',
      options: { same: 'The same as one that waits', '408': '408 Request Timeout; the connection is closed' },
    },
    stream: { kind: 'choice', label: 'A stream gets', default: 'aborted', options: STREAM_OPTIONS },
    held: {
      kind: 'choice',
      label: 'A stream held back entirely gets',
      default: 'head',
      options: { head: 'Its head and no event, then FIN', nothing: 'FIN and nothing else', '404': '404 Not Found' },
    },
    ws: { kind: 'choice', label: 'A WebSocket gets', default: 'fin', options: TUNNEL_OPTIONS },
    origin: { kind: 'choice', label: 'The origin gets', default: 'fin', options: ORIGIN_OPTIONS },
    'poll-origin': {
      kind: 'choice',
      label: 'The origin of a waiting request gets',
      default: 'same',
      options: { same: 'The same', ...ORIGIN_OPTIONS },
    },
    'ws-origin': {
      kind: 'choice',
      label: 'The origin of a WebSocket gets',
      default: 'same',
      options: { same: 'The same', ...ORIGIN_OPTIONS },
    },
    resets: {
      kind: 'choice',
      label: 'Starts anew with bytes',
      default: 'any',
      options: {
        any: 'Either way',
        down: 'From the origin only',
        up: 'Either way; in a WebSocket from the client only',
      },
    },
    lazy: {
      kind: 'duration',
      label: 'Laziness',
      help: 'Bytes that would move the end by less than this do not move it.',
      default: 0,
      min: 0,
      max: 10_000,
    },
    early: { kind: 'duration', label: 'Fires early by up to', default: 0, min: 0, max: 60_000 },
    late: { kind: 'duration', label: 'Fires late by up to', default: 0, min: 0, max: 60_000 },
    'late-share': {
      kind: 'number',
      label: 'Ends a stream late by up to (% of the limit)',
      help: 'Only a stream: what waits for an answer and a WebSocket are ended in time.',
      default: 0,
      min: 0,
      max: 100,
    },
    'late-least': { kind: 'duration', label: 'Fires late by at least', default: 0, min: 0, max: 60_000 },
  },
  disabledParams: { after: 0 },
  summary: (params) => `idle limit ${durationText(Number(params['after']))}`,
  idleLimitMs: (params) => Number(params['after']) || null,
  http: {
    watch(x, params) {
      const timer = new IdleTimer(x, params);
      return {
        byte: (dir) => {
          if (resetsTimer(x, dir, String(params['resets']))) timer.reset();
        },
        phase: () => timer.startPhase(),
        stop: () => timer.stop(),
      };
    },
  },
};

/** Whether bytes this way start the timer anew. */
function resetsTimer(x: Exchange, dir: Direction, resets: string): boolean {
  // A request that is on its way is no silence.
  if (x.phase === 'waiting' && !x.requestComplete) return true;
  if (resets === 'up') return dir === 'up' || x.phase !== 'tunnel';
  return dir === 'down' || resets === 'any';
}

class IdleTimer {
  #x: Exchange;
  #params: ParamValues;
  #due = Infinity;
  #armedFor = Infinity;
  #cancel: () => void = () => {};

  constructor(x: Exchange, params: ParamValues) {
    this.#x = x;
    this.#params = params;
  }

  get #limit(): number {
    const n = (key: string): number => Number(this.#params[key]);
    const { phase } = this.#x;
    if (phase === 'waiting') return this.#params['poll'] === 'none' ? 0 : n('first-byte') || n('after');
    if (phase === 'answering') return this.#params['stream'] === 'none' ? 0 : n('after');
    if (phase === 'tunnel') return this.#params['ws'] === 'none' ? 0 : n('websocket') || n('after');
    return 0;
  }

  /** A limit of its own may begin with a phase; the bytes that began it have been counted already. */
  startPhase(): void {
    this.reset();
    this.#arm();
  }

  reset(): void {
    const limit = this.#limit;
    if (limit <= 0) this.#due = Infinity;
    else {
      const due = this.#x.clock.now() + limit;
      if (Math.abs(due - this.#due) < Number(this.#params['lazy'])) return;
      this.#due = due;
      if (this.#armedFor === Infinity) this.#arm();
    }
  }

  #arm(): void {
    this.#cancel();
    this.#armedFor = this.#due;
    if (this.#due === Infinity) return;
    const least = Number(this.#params['late-least']);
    const most = Math.max(least, Number(this.#params['late']));
    const soonest = least > 0 ? least : -Number(this.#params['early']);
    const share = this.#x.phase === 'answering' ? (Number(this.#params['late-share']) / 100) * this.#limit : 0;
    const jitter = soonest + this.#x.random.next() * (most + share - soonest);
    const left = this.#due + jitter - this.#x.clock.now();
    this.#cancel = this.#x.clock.after(Math.max(0, left), () => {
      // Bytes have come meanwhile, or the timer fired a fraction of a millisecond before its time.
      if (this.#due > this.#armedFor || this.#x.clock.now() < this.#due + jitter) this.#arm();
      else this.#fire();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #fire(): void {
    const x = this.#x;
    const { poll, stream, held, ws, origin } = this.#params as Record<string, string>;
    const detail = `${durationText(this.#limit)} without a byte`;
    const why = { by: httpIdleTimeout.id, cause: 'idle-limit', detail } as const;
    const server = origin as CloseMode | 'none';
    if (x.phase === 'waiting') {
      const own = this.#params['poll-origin'];
      const server = (own === 'same' ? origin : own) as CloseMode | 'none';
      const stalled = Number(this.#params['stalled']);
      if (!x.requestComplete && stalled > 0) return x.respond({ status: stalled, close: true, server, fired: why });
      if (x.retryUpstream('timeout')) return;
      const status = Number(poll);
      if (status > 0) x.respond({ status, server, fired: why });
      else x.end({ client: poll as CloseMode, server, why });
    } else if (x.phase === 'answering') {
      if (!x.headSent && held === '404') {
        return x.respond({ status: 404, server, close: true, fired: why });
      }
      const client = stream === 'clean' ? 'clean' : stream === 'rst' ? 'rst' : 'fin';
      x.end({ client, server, withoutHead: !x.headSent && held === 'nothing', why });
    } else if (x.phase === 'tunnel') {
      const own = this.#params['ws-origin'];
      const wsServer = own === 'same' ? server : (own as CloseMode);
      x.end({ client: ws as 'fin', server: wsServer, why });
    }
  }
}
