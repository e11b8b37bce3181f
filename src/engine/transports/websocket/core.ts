/** One WebSocket connection, decided without a socket: messages, pings and timers in, signals and frames out. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { methodOf, type Dialect, type MethodDialect } from '../../../shared/dialect/model.ts';
import { messageText } from '../../../shared/dialect/plan.ts';
import { afterCode } from '../../client/dialect/after.ts';
import { MessageFlow, type Effect } from '../../client/dialect/flow.ts';
import type { JudgedGap } from '../../client/dialect/judge.ts';
import { expectationMatcher, type Matcher } from '../../client/dialect/matcher.ts';
import { endByDialect, endedAs } from '../../client/dialect/status-end.ts';
import type { Subject } from '../../client/dialect/subject.ts';
import { parseJson } from '../../wire/json.ts';
import { arm, disarm, signal, type Output } from '../../client/connection/output.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import type { ClientSettings, EndedSignal } from '../../client/connection/signal.ts';
import { mediaType } from '../../client/connection/refusal-words.ts';
import { endedByStatus } from '../../client/connection/statuses.ts';
import { Watchdog } from '../../client/connection/watchdog.ts';
import { endOfClose } from './close-codes.ts';
import { frameReader, type FrameReader } from './frames.ts';
import { parseEventsV1, type Control } from './message.ts';
import { Opening } from './opening.ts';
import { SocketIo } from './socket-io.ts';

export type WebSocketInput =
  | { in: 'request' }
  /** `sends`: what is sent now, in order: one for each step of the dialect (null: nothing), then those of the endpoint. */
  | { in: 'open'; sends?: readonly (string | null)[] }
  /** An HTTP answer instead of a switch of protocols. */
  | { in: 'refused'; status: number; headers: IncomingHttpHeaders; body: string }
  | { in: 'text'; text: string; bytes: number }
  | { in: 'binary'; bytes: number; /** Where the framing reads it. */ data?: Uint8Array }
  | { in: 'ping' }
  | { in: 'pong' }
  /** A close frame was received; `code` null when it carried none. */
  | { in: 'closed'; code: number | null; reason: string }
  /** The connection ended without a close frame, or was not understood. */
  | { in: 'lost'; evidence: Evidence; detail?: string }
  | { in: 'timer'; name: string };

export type WebSocketOutput = Output | { out: 'ping' } | { out: 'pong' } | { out: 'send'; text: string };

interface WebSocketCoreOptions {
  dialect: Dialect;
  settings: Readonly<ClientSettings>;
  cursor: string | null;
  memory?: Map<string, string>;
}

export class WebSocketCore {
  readonly #method: MethodDialect;
  readonly #settings: Readonly<ClientSettings>;
  readonly #watchdog: Watchdog;
  readonly #flow: MessageFlow;
  readonly #memory: Map<string, string>;
  readonly #readFrame: FrameReader;
  #codec: SocketIo | null = null;
  #opening = new Opening([], []);
  readonly #expectsBeat: Matcher | null;
  /** Our own beat, ms, as the dialect or a hello has it. */
  #beatMs: number | null;
  #cursor: string | null;
  #opened = false;
  #openedAt = 0;
  #lastByteAt = 0;
  #pingedAt: number | null = null;
  /** The server sent an `err` message, which was reported. */
  #errorReported = false;
  /** The server's last ping got no pong, as pongs are muted. */
  #pingUnanswered = false;
  #ended = false;
  /** Where the codec puts what it has to say. */
  #out: WebSocketOutput[] = [];
  #now = 0;

  constructor(o: WebSocketCoreOptions) {
    const { dialect, settings, cursor, memory = new Map<string, string>() } = o;
    const method = (this.#method = methodOf(dialect, 'websocket'));
    this.#settings = settings;
    this.#cursor = cursor;
    this.#memory = memory;
    this.#watchdog = new Watchdog(settings.deadAfter);
    this.#flow = new MessageFlow({ dialect, method, cursor, memory });
    this.#readFrame = frameReader(method.framing);
    const { beat } = method;
    this.#beatMs = typeof beat?.every === 'number' ? beat.every : null;
    this.#expectsBeat = beat?.expect ? expectationMatcher(beat.expect) : null;
  }

  step(input: WebSocketInput, now: number): WebSocketOutput[] {
    if (this.#ended) return [];
    const out: WebSocketOutput[] = [];
    if (['text', 'binary', 'ping', 'pong'].includes(input.in)) this.#lastByteAt = now;
    switch (input.in) {
      case 'request':
        out.push(arm('answer', this.#headMs));
        break;
      case 'open':
        this.#openedAt = this.#lastByteAt = now;
        out.push(disarm('answer'));
        this.#begin(input.sends ?? [], out, now);
        break;
      case 'refused':
        this.#refused(input, out, now);
        break;
      case 'text':
        this.#text(input.text, input.bytes, out, now);
        break;
      case 'binary':
        this.#binary(input, out, now);
        break;
      case 'ping':
        this.#heartbeat(out, 'ping', now);
        this.#pingUnanswered = !this.#settings.pongs;
        if (this.#settings.pongs) {
          out.push({ out: 'pong' }, signal({ kind: 'heartbeat', beat: 'pong', dir: 'out' }));
        }
        break;
      case 'pong':
        this.#pong(out, 'pong', now);
        break;
      case 'closed':
        this.#end(
          out,
          input.code === null
            ? endedSignal('clean-end', { by: 'server', detail: 'a close frame without a code' })
            : this.#closed(this.#endOfClose(input.code, input.reason, out)),
        );
        break;
      case 'lost':
        this.#end(out, endedSignal(input.evidence, input.detail ? { detail: input.detail } : {}));
        break;
      case 'timer':
        this.#timer(input.name, out, now);
    }
    return out;
  }

  get #headMs(): number {
    return this.#settings.headMs ?? DEFAULTS.answerTimeoutMs;
  }

  #refused(
    { status, headers, body }: Extract<WebSocketInput, { in: 'refused' }>,
    out: WebSocketOutput[],
    now: number,
  ): void {
    out.push(disarm('answer'));
    const type = mediaType(headers);
    const what = `answers ${status}${type === '' ? '' : ` ${type}`} instead of switching to WebSocket`;
    const said =
      status < 400 ? null : endByDialect(this.#flow, this.#method, { status, headers, body, now, what }, out);
    if (said) return this.#end(out, said);
    const end = endedByStatus(status, headers, now, what, body);
    if (status < 400) {
      const notice = {
        code: 'no-upgrade',
        hint: 'Check the URL, and whether something on the way takes the Upgrade header away: what answered does not speak WebSocket.',
      };
      return this.#end(out, { ...end, final: true, announced: false, why: 'bad-input', by: 'server', notice });
    }
    this.#end(out, end);
  }

  #text(text: string, bytes: number, out: WebSocketOutput[], now: number): void {
    if (this.#method.framing === 'events.v1') return this.#ownMessage(text, bytes, out, now);
    this.#out = out;
    this.#now = now;
    if (this.#codec) return this.#codec.take(text, bytes);
    const bad = this.#readFrame(text, bytes, (subject) => this.#ended || this.#message(subject, out, now));
    if (bad) this.#malformed(bad.malformed, out);
  }

  #malformed(detail: string, out: WebSocketOutput[]): void {
    out.push(signal({ kind: 'notice', level: 'warn', code: 'bad-message', message: detail }));
  }

  /** A message of the dialect: what is awaited, what answers our beat, else what its rules say it is. */
  #message(subject: Subject, out: WebSocketOutput[], now: number): void {
    const awaited = this.#opening.takes(subject);
    const pong = this.#pingedAt !== null && this.#expectsBeat?.(subject) === true;
    if (pong) this.#pong(out, 'message', now);
    if (!(pong || awaited) || this.#flow.judge.judge(subject) !== null) {
      this.#effect(this.#flow.take(subject, out), out, now, pong);
    }
    if (this.#ended) return;
    if (awaited) this.#advance(out, now);
    else if (!this.#opened && out.some((o) => o.out === 'signal' && o.signal.kind === 'event'))
      this.#open(out, now, true);
  }

  #effect(effect: Effect | null, out: WebSocketOutput[], now: number, wasPong: boolean): void {
    switch (effect?.do) {
      case 'answer':
        this.#heartbeat(out, 'message', now);
        this.#pingUnanswered = !this.#settings.pongs;
        if (!this.#settings.pongs) break;
        out.push({ out: 'send', text: effect.text }, signal({ kind: 'heartbeat', beat: 'message', dir: 'out' }));
        break;
      case 'beat':
        this.#heartbeat(out, 'message', now);
        break;
      case 'pong':
        if (!wasPong) this.#pong(out, 'message', now);
        break;
      case 'hello':
        if (effect.beatMs !== null) {
          this.#beatMs = effect.beatMs;
          this.#armPing(out);
        }
        break;
      case 'end':
        this.#end(out, effect.end);
        break;
      default:
    }
  }

  #begin(sends: readonly (string | null)[], out: WebSocketOutput[], now: number): void {
    const { framing, open } = this.#method;
    if (framing !== 'socket.io') {
      this.#opening = new Opening(open, sends);
      return this.#advance(out, now);
    }
    // its first message tells the codec of namespace and auth
    this.#codec = this.#socketIo(open.length > 0 ? (sends[0] ?? null) : null);
    this.#opening = new Opening([], open.length > 0 ? sends.slice(1) : sends);
    out.push(arm('step', OPEN_STEP_MS));
  }

  /** The next of what is sent at the beginning, until something is awaited. Once all is done the lane is open. */
  #advance(out: WebSocketOutput[], now: number): void {
    const { sends, withinMs } = this.#opening.advance();
    for (const text of sends) out.push({ out: 'send', text });
    if (withinMs === null) this.#open(out, now);
    else out.push(arm('step', withinMs));
  }

  #open(out: WebSocketOutput[], now: number, early = false): void {
    if (!early) out.push(disarm('step'));
    if (this.#opened) return;
    this.#opened = true;
    // before what the message that opens it brings
    out.unshift(signal({ kind: 'open' }));
    out.push(arm('quiet', DEFAULTS.deadAfterFloorMs));
    this.#armWatchdog(out, now);
    this.#armPing(out);
  }

  #binary({ bytes, data }: Extract<WebSocketInput, { in: 'binary' }>, out: WebSocketOutput[], now: number): void {
    const { framing } = this.#method;
    if (data !== undefined && framing !== 'text' && framing !== 'events.v1' && !this.#codec) {
      const text = utf8(data);
      // JSON comes in binary frames as well
      if (text !== null) return this.#text(text, bytes, out, now);
      if (framing === 'binary') return this.#text(Buffer.from(data).toString('base64'), bytes, out, now);
    }
    out.push(signal({ kind: 'event', id: null, type: 'binary', time: null, data: '', bytes }));
  }

  #socketIo(first: string | null): SocketIo {
    const open = first === null ? null : parseJson(first);
    return new SocketIo(
      { open, offset: this.#cursor, memory: this.#memory },
      {
        send: (text) => this.#out.push({ out: 'send', text }),
        connected: () => this.#advance(this.#out, this.#now),
        promise: (everyMs) => {
          this.#watchdog.setPromisedPeriod(everyMs);
          this.#out.push(signal({ kind: 'promise', heartbeatMs: everyMs }));
        },
        beat: () => {
          this.#heartbeat(this.#out, 'message', this.#now);
          if (this.#settings.pongs) this.#out.push(signal({ kind: 'heartbeat', beat: 'message', dir: 'out' }));
        },
        take: (subject) => this.#message(subject, this.#out, this.#now),
        gap: (gap) => void this.#flow.gap(gap, this.#out),
        notice: (level, code, message) => this.#out.push(signal({ kind: 'notice', level, code, message })),
        refused: (message) => {
          this.#out.push(
            signal({ kind: 'notice', level: 'error', code: 'server-error', message: `The server says: ${message}` }),
          );
          this.#end(
            this.#out,
            endedSignal('protocol', {
              final: true,
              why: 'refused-by-server',
              by: 'server',
              detail: message,
              notice: null,
            }),
          );
        },
        malformed: (detail) => this.#malformed(detail, this.#out),
      },
    );
  }

  /** What a close code means: the dialect first. */
  #endOfClose(code: number, reason: string, out: WebSocketOutput[]): EndedSignal {
    const seen = endOfClose(code, reason, this.#method.framing === 'events.v1');
    const after = afterCode(this.#method.after.close, code);
    if (!after) return seen;
    const rule = `dialect, after.close ${after.rule}`;
    if (after.then !== 'gap') return { ...endedAs(after.then, seen, seen.retryMs), rule };
    const effect = this.#flow.gap(NO_GAP, out, seen.evidence);
    return effect?.do === 'end' ? { ...effect.end, rule } : { ...seen, rule };
  }

  #ownMessage(text: string, bytes: number, out: WebSocketOutput[], now: number): void {
    const parsed = parseEventsV1(text);
    if (parsed.what === 'event') {
      const { id, type, time, data } = parsed.event;
      if (id !== null) this.#cursor = id;
      out.push(signal({ kind: 'event', id, type, time, data, bytes }));
    } else if (parsed.what === 'control') this.#control(parsed.control, out, now);
    else this.#malformed(parsed.detail, out);
  }

  #control(control: Control, out: WebSocketOutput[], now: number): void {
    if (control.heartbeatMs !== undefined) {
      this.#watchdog.setPromisedPeriod(control.heartbeatMs);
      out.push(signal({ kind: 'promise', heartbeatMs: control.heartbeatMs }));
      this.#armWatchdog(out, now);
    }
    if (control.epoch !== null) out.push(signal({ kind: 'epoch', epoch: control.epoch }));
    switch (control.t) {
      case 'ok':
        if (this.#cursor === null && control.newest !== null) {
          this.#cursor = control.newest;
          out.push(signal({ kind: 'cursor', cursor: control.newest }));
        }
        if (control.newest !== null && control.newest === this.#cursor) {
          out.push(signal({ kind: 'caught-up', cursor: this.#cursor }));
        }
        break;
      case 'hb':
        this.#heartbeat(out, 'message', now);
        if (control.newest !== null && control.newest === this.#cursor) {
          out.push(signal({ kind: 'caught-up', cursor: this.#cursor }));
        }
        break;
      case 'gap': {
        const from = control.requested ?? this.#cursor;
        this.#cursor = control.resume;
        out.push(
          signal({
            kind: 'gap',
            from,
            to: control.resume,
            missed: control.missed,
            reason: control.reason ?? 'unknown',
          }),
        );
        break;
      }
      case 'err': {
        const message = `The server answered ${control.status ?? 'err'}: ${control.message ?? control.reason ?? 'it does not say why'}`;
        const hint = control.hint === null ? {} : { hint: control.hint };
        this.#errorReported = true;
        out.push(signal({ kind: 'notice', level: 'error', code: 'server-error', message, ...hint }));
      }
    }
  }

  /** A server that says what is wrong and then closes for good has said it. */
  #closed(end: EndedSignal): EndedSignal {
    if (end.final && this.#errorReported) return { ...end, notice: null };
    if (!this.#pingUnanswered || !end.evidence.startsWith('close:')) return end;
    return { ...end, detail: `${end.detail}; its pings were not answered: pongs are muted` };
  }

  #heartbeat(out: WebSocketOutput[], beat: 'ping' | 'message', now: number): void {
    out.push(signal({ kind: 'heartbeat', beat, dir: 'in' }));
    // a server that sends both gives them together: either alone tells the period
    if (beat === 'ping' || this.#method.framing !== 'events.v1') this.#watchdog.beat(now);
    this.#armWatchdog(out, now);
  }

  #pong(out: WebSocketOutput[], beat: 'pong' | 'message', now: number): void {
    const rtt = this.#pingedAt === null ? {} : { rtt: Math.round(now - this.#pingedAt) };
    this.#pingedAt = null;
    out.push(disarm('pong'), signal({ kind: 'heartbeat', beat, dir: 'in', ...rtt }));
  }

  /** A person's own setting outranks the dialect's. */
  get #pingEvery(): number | null {
    return this.#settings.pingMs ?? this.#beatMs;
  }

  #armPing(out: WebSocketOutput[]): void {
    out.push(arm('ping', this.#pingEvery ?? 1000));
  }

  #timer(name: string, out: WebSocketOutput[], now: number): void {
    if (name === 'answer') {
      this.#end(out, endedSignal('no-answer', { detail: `no answer within ${this.#headMs / 1000} s` }));
    } else if (name === 'ping') {
      // the setting may change while the connection lives: look every second when it is off
      const pingMs = this.#pingEvery;
      this.#armPing(out);
      if (pingMs === null || this.#pingedAt !== null) return;
      const { beat } = this.#method;
      const answered = !beat || this.#expectsBeat !== null || this.#flow.judge.hasPong;
      out.push(beat ? { out: 'send', text: messageText(beat.send, () => null) } : { out: 'ping' });
      out.push(signal({ kind: 'heartbeat', beat: beat ? 'message' : 'ping', dir: 'out' }));
      // a beat that nothing answers proves nothing
      if (!answered) return;
      this.#pingedAt = now;
      out.push(arm('pong', beat?.withinMs ?? Math.min(DEFAULTS.pongCapMs, pingMs)));
    } else if (name === 'step') {
      const what = this.#codec ? 'the handshake of Socket.IO' : this.#opening.awaits;
      const detail = `${what} was not answered within ${Math.round(now - this.#openedAt)} ms of the connection`;
      this.#end(out, endedSignal('no-answer', { detail }));
    } else if (name === 'pong') {
      const detail = `no pong within ${Math.round(now - (this.#pingedAt ?? now))} ms of a ping`;
      this.#end(out, endedSignal('silence', { cause: 'pong-deadline', detail }));
    } else if (name === 'dead') {
      const limit = this.#watchdog.limitMs;
      if (limit === null) return;
      if (now - this.#lastByteAt < limit) return this.#armWatchdog(out, now);
      const detail = `nothing received for ${Math.round((now - this.#lastByteAt) / 1000)} s`;
      this.#end(out, endedSignal('silence', this.#watchdog.silence(detail)));
    } else if (name === 'quiet') {
      if (this.#watchdog.limitMs !== null || this.#pingEvery !== null || this.#settings.deadAfter === 'off') return;
      const message = `No heartbeat known after ${Math.round((now - this.#openedAt) / 1000)} s: if this connection dies silently, nothing will tell.`;
      out.push(signal({ kind: 'notice', level: 'info', code: 'no-watchdog', message }));
    }
  }

  #armWatchdog(out: WebSocketOutput[], now: number): void {
    const limit = this.#watchdog.limitMs;
    if (limit === null) out.push(disarm('dead'));
    else out.push(arm('dead', Math.max(0, this.#lastByteAt + limit - now)));
  }

  #end(out: WebSocketOutput[], end: EndedSignal): void {
    this.#ended = true;
    const atOnce = end.atOnce === true || end.reason === 'gap';
    const truncated = this.#opened && !end.terminal && !atOnce && this.#flow.truncated(out);
    out.push(signal(truncated ? { ...end, truncated } : end));
  }
}

/** How long the handshake of a codec may take. */
const OPEN_STEP_MS = 10_000;

const NO_GAP: JudgedGap = {
  is: 'gap',
  oldest: null,
  newest: null,
  epoch: null,
  missed: null,
  reason: null,
  text: null,
  then: null,
};

const decoder = new TextDecoder('utf-8', { fatal: true });

function utf8(data: Uint8Array): string | null {
  try {
    return decoder.decode(data);
  } catch {
    return null;
  }
}
