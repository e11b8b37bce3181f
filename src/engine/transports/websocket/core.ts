/** One WebSocket connection, decided without a socket: messages, pings and timers in, signals and frames out. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Dialect } from '../../../shared/dialect.ts';
import { arm, disarm, signal, type Output } from '../../client/core.ts';
import { ended } from '../../client/ended.ts';
import type { ClientSettings, Ended } from '../../client/signal.ts';
import { endOfStatus, mediaType } from '../../client/statuses.ts';
import { Watchdog } from '../../client/watchdog.ts';
import { endOfClose } from './close-codes.ts';
import { unframe, type Control } from './framing.ts';

export type SocketInput =
  | { in: 'asked' }
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

export type SocketOutput = Output | { out: 'ping' } | { out: 'pong' } | { out: 'send'; text: string };

export class SocketCore {
  readonly #dialect: Dialect;
  readonly #settings: Readonly<ClientSettings>;
  readonly #watchdog: Watchdog;
  #cursor: string | null;
  #openedAt = 0;
  #lastByteAt = 0;
  #pingedAt: number | null = null;
  /** An error the server has put into words. */
  #explained = false;
  #over = false;

  constructor(o: { dialect: Dialect; settings: Readonly<ClientSettings>; cursor: string | null }) {
    this.#dialect = o.dialect;
    this.#settings = o.settings;
    this.#cursor = o.cursor;
    this.#watchdog = new Watchdog(o.settings.deadAfter);
  }

  step(input: SocketInput, now: number): SocketOutput[] {
    if (this.#over) return [];
    const out: SocketOutput[] = [];
    if (['text', 'binary', 'ping', 'pong'].includes(input.in)) this.#lastByteAt = now;
    switch (input.in) {
      case 'asked':
        out.push(arm('answer', DEFAULTS.answerTimeoutMs));
        break;
      case 'open':
        this.#openedAt = this.#lastByteAt = now;
        out.push(disarm('answer'), signal({ kind: 'open' }), arm('quiet', DEFAULTS.deadAfterFloorMs));
        this.#watch(out, now);
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
        this.#beat(out, 'ping', now);
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
            ? ended('clean-end', { by: 'server', detail: 'a close frame without a code' })
            : this.#closed(endOfClose(input.code, input.reason, this.#dialect.websocket.framing === 'events.v1')),
        );
        break;
      case 'lost':
        this.#end(out, ended(input.evidence, input.detail ? { detail: input.detail } : {}));
        break;
      case 'timer':
        this.#timer(input.name, out, now);
    }
    return out;
  }

  #refused({ status, headers, body }: Extract<SocketInput, { in: 'refused' }>, out: SocketOutput[], now: number): void {
    out.push(disarm('answer'));
    const type = mediaType(headers);
    const what = `answers ${status}${type === '' ? '' : ` ${type}`} instead of switching to WebSocket`;
    const end = endOfStatus(status, headers, now, what, body);
    if (status < 400) {
      const notice = { code: 'no-upgrade', hint: 'Check the URL: nothing there speaks WebSocket.' };
      return this.#end(out, { ...end, final: true, announced: false, why: 'bad-input', by: 'server', notice });
    }
    this.#end(out, end);
  }

  #text(text: string, bytes: number, out: SocketOutput[], now: number): void {
    const { websocket } = this.#dialect;
    if (websocket.beat && text === websocket.beat.expect) return this.#pong(out, 'message', now);
    const got = unframe(websocket, text);
    if (got.what === 'message') {
      const { id, type, time, data } = got.message;
      if (id !== null) this.#cursor = id;
      out.push(signal({ kind: 'event', id, type, time, data, bytes }));
    } else if (got.what === 'control') {
      this.#control(got.control, out, now);
    } else if (got.what === 'nonsense') {
      out.push(signal({ kind: 'notice', level: 'warn', code: 'bad-message', message: got.detail }));
    }
  }

  #control(c: Control, out: SocketOutput[], now: number): void {
    if (c.heartbeatMs !== undefined) {
      this.#watchdog.promise(c.heartbeatMs);
      out.push(signal({ kind: 'promise', heartbeatMs: c.heartbeatMs }));
      this.#watch(out, now);
    }
    switch (c.t) {
      case 'ok':
        if (this.#cursor === null && c.newest !== null) {
          this.#cursor = c.newest;
          out.push(signal({ kind: 'cursor', cursor: c.newest }));
        }
        if (c.newest !== null && c.newest === this.#cursor) {
          out.push(signal({ kind: 'caught-up', cursor: this.#cursor }));
        }
        break;
      case 'hb':
        this.#beat(out, 'message', now);
        if (c.newest !== null && c.newest === this.#cursor) {
          out.push(signal({ kind: 'caught-up', cursor: this.#cursor }));
        }
        break;
      case 'gap': {
        const from = c.requested ?? this.#cursor;
        this.#cursor = c.resume;
        out.push(signal({ kind: 'gap', from, to: c.resume, missed: c.missed, reason: c.reason ?? 'unknown' }));
        break;
      }
      case 'err': {
        const message = `The server answered ${c.status ?? 'err'}: ${c.message ?? c.reason ?? 'it does not say why'}`;
        const hint = c.hint === null ? {} : { hint: c.hint };
        this.#explained = true;
        out.push(signal({ kind: 'notice', level: 'error', code: 'server-error', message, ...hint }));
      }
    }
  }

  /** A server that says what is wrong and then closes for good has said it. */
  #closed(end: Ended): Ended {
    return end.final && this.#explained ? { ...end, notice: null } : end;
  }

  #beat(out: SocketOutput[], beat: 'ping' | 'message', now: number): void {
    out.push(signal({ kind: 'heartbeat', beat, dir: 'in' }));
    // a server that sends both gives them together: either alone tells the period
    if (beat === 'ping' || this.#dialect.websocket.framing !== 'events.v1') this.#watchdog.beat(now);
    this.#watch(out, now);
  }

  #pong(out: SocketOutput[], beat: 'pong' | 'message', now: number): void {
    const rtt = this.#pingedAt === null ? {} : { rtt: Math.round(now - this.#pingedAt) };
    this.#pingedAt = null;
    out.push(disarm('pong'), signal({ kind: 'heartbeat', beat, dir: 'in', ...rtt }));
  }

  #armPing(out: SocketOutput[]): void {
    const { pingMs } = this.#settings;
    out.push(arm('ping', pingMs ?? 1000));
  }

  #timer(name: string, out: SocketOutput[], now: number): void {
    if (name === 'answer') {
      this.#end(out, ended('no-answer', { detail: `no answer within ${DEFAULTS.answerTimeoutMs / 1000} s` }));
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
      this.#end(out, ended('silence', { cause: 'pong-deadline', detail }));
    } else if (name === 'dead') {
      const limit = this.#watchdog.limitMs;
      if (limit === null) return;
      if (now - this.#lastByteAt < limit) return this.#watch(out, now);
      const detail = `nothing received for ${Math.round((now - this.#lastByteAt) / 1000)} s`;
      this.#end(out, ended('silence', { cause: 'missed-heartbeats', detail }));
    } else if (name === 'quiet') {
      if (this.#watchdog.limitMs !== null || this.#settings.pingMs !== null || this.#settings.deadAfter === 'off')
        return;
      const message = `No heartbeat known after ${Math.round((now - this.#openedAt) / 1000)} s: if this connection dies silently, nothing will tell.`;
      out.push(signal({ kind: 'notice', level: 'info', code: 'no-watchdog', message }));
    }
  }

  #watch(out: SocketOutput[], now: number): void {
    const limit = this.#watchdog.limitMs;
    if (limit === null) out.push(disarm('dead'));
    else out.push(arm('dead', Math.max(0, this.#lastByteAt + limit - now)));
  }

  #end(out: SocketOutput[], end: Ended): void {
    this.#over = true;
    out.push(signal(end));
  }
}
