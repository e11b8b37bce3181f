/** One WebSocket connection, decided without a socket: messages, pings and timers in, signals and frames out. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Dialect } from '../../../shared/protocol/dialect.ts';
import { arm, disarm, signal, type Output } from '../../client/connection/output.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import type { ClientSettings, EndedSignal } from '../../client/connection/signal.ts';
import { mediaType } from '../../client/connection/refusal-words.ts';
import { endedByStatus } from '../../client/connection/statuses.ts';
import { Watchdog } from '../../client/connection/watchdog.ts';
import { matches } from './beat-match.ts';
import { endOfClose } from './close-codes.ts';
import { parseTextMessage, type Control } from './message.ts';

export type WebSocketInput =
  | { in: 'request' }
  | { in: 'open' }
  /** An HTTP answer instead of a switch of protocols. */
  | { in: 'refused'; status: number; headers: IncomingHttpHeaders; body: string }
  | { in: 'text'; text: string; bytes: number }
  | { in: 'binary'; bytes: number }
  | { in: 'ping' }
  | { in: 'pong' }
  /** A close frame was received; `code` null when it carried none. */
  | { in: 'closed'; code: number | null; reason: string }
  /** The connection ended without a close frame, or was not understood. */
  | { in: 'lost'; evidence: Evidence; detail?: string }
  | { in: 'timer'; name: string };

export type WebSocketOutput = Output | { out: 'ping' } | { out: 'pong' } | { out: 'send'; text: string };

export class WebSocketCore {
  readonly #dialect: Dialect;
  readonly #settings: Readonly<ClientSettings>;
  readonly #watchdog: Watchdog;
  #cursor: string | null;
  #openedAt = 0;
  #lastByteAt = 0;
  #pingedAt: number | null = null;
  /** The server sent an `err` message, which was reported. */
  #errorReported = false;
  /** The server's last ping got no pong, as pongs are muted. */
  #pingUnanswered = false;
  #ended = false;

  constructor(o: { dialect: Dialect; settings: Readonly<ClientSettings>; cursor: string | null }) {
    this.#dialect = o.dialect;
    this.#settings = o.settings;
    this.#cursor = o.cursor;
    this.#watchdog = new Watchdog(o.settings.deadAfter);
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
        out.push(disarm('answer'), signal({ kind: 'open' }), arm('quiet', DEFAULTS.deadAfterFloorMs));
        this.#armWatchdog(out, now);
        this.#armPing(out);
        break;
      case 'refused':
        this.#refused(input, out, now);
        break;
      case 'text':
        this.#text(input.text, input.bytes, out, now);
        break;
      case 'binary':
        out.push(signal({ kind: 'event', id: null, type: 'binary', time: null, data: '', bytes: input.bytes }));
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
            : this.#closed(endOfClose(input.code, input.reason, this.#dialect.websocket.framing === 'events.v1')),
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
    const { websocket } = this.#dialect;
    if (websocket.beat && matches(text, websocket.beat.expect)) return this.#pong(out, 'message', now);
    const parsed = parseTextMessage(websocket, text);
    if (parsed.what === 'messages') {
      for (const message of parsed.messages) {
        const { id, type, time, data } = message;
        if (id !== null) this.#cursor = id;
        out.push(
          signal({ kind: 'event', id, type, time, data, bytes: parsed.messages.length === 1 ? bytes : message.bytes }),
        );
      }
    } else if (parsed.what === 'control') {
      this.#control(parsed.control, out, now);
    } else if (parsed.what === 'malformed') {
      out.push(signal({ kind: 'notice', level: 'warn', code: 'bad-message', message: parsed.detail }));
    }
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
    if (beat === 'ping' || this.#dialect.websocket.framing !== 'events.v1') this.#watchdog.beat(now);
    this.#armWatchdog(out, now);
  }

  #pong(out: WebSocketOutput[], beat: 'pong' | 'message', now: number): void {
    const rtt = this.#pingedAt === null ? {} : { rtt: Math.round(now - this.#pingedAt) };
    this.#pingedAt = null;
    out.push(disarm('pong'), signal({ kind: 'heartbeat', beat, dir: 'in', ...rtt }));
  }

  #armPing(out: WebSocketOutput[]): void {
    const { pingMs } = this.#settings;
    out.push(arm('ping', pingMs ?? 1000));
  }

  #timer(name: string, out: WebSocketOutput[], now: number): void {
    if (name === 'answer') {
      this.#end(out, endedSignal('no-answer', { detail: `no answer within ${this.#headMs / 1000} s` }));
    } else if (name === 'ping') {
      // the setting may change while the connection lives: look every second when it is off
      const { pingMs } = this.#settings;
      this.#armPing(out);
      if (pingMs === null || this.#pingedAt !== null) return;
      this.#pingedAt = now;
      const { beat } = this.#dialect.websocket;
      out.push(beat ? { out: 'send', text: beat.send } : { out: 'ping' });
      out.push(signal({ kind: 'heartbeat', beat: beat ? 'message' : 'ping', dir: 'out' }));
      out.push(arm('pong', Math.min(DEFAULTS.pongCapMs, pingMs)));
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
      if (this.#watchdog.limitMs !== null || this.#settings.pingMs !== null || this.#settings.deadAfter === 'off')
        return;
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
    out.push(signal(end));
  }
}
