/** One SSE connection, decided without a socket: bytes and timers in, signals and timers out. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Dialect } from '../../../shared/protocol/dialect.ts';
import { arm, disarm, signal, type Output } from '../../client/connection/output.ts';
import { wireSignal } from '../../client/connection/capture.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import { parseJsonObject } from '../../wire/json.ts';
import { adviceOf, countOf } from '../../wire/numbers.ts';
import type { ClientSettings, EndedSignal } from '../../client/connection/signal.ts';
import { endedByStatus, REFUSAL_BODY_LIMIT, REFUSAL_BODY_TIMEOUT_MS } from '../../client/connection/statuses.ts';
import { mayExplain, mediaType } from '../../client/connection/refusal-words.ts';
import { looksLikeLogin } from '../../client/connection/login-page.ts';
import { unknownCoding, type BodyCoding } from '../../client/net/content-decoder.ts';
import { Watchdog } from '../../client/connection/watchdog.ts';
import { CODING_HOLD_MS, CodingWatch } from './coding-watch.ts';
import { SseParser, type SsePart } from '../../wire/sse-parse.ts';

export type SseInput =
  | { in: 'request' }
  /** `redirectedTo`: where the answer came from, when it was not what was asked. */
  | {
      in: 'head';
      status: number;
      headers: IncomingHttpHeaders;
      redirectedTo?: string | null;
      coding?: BodyCoding | null;
    }
  /** The body as it came, before a coding is undone. */
  | { in: 'coded'; chunk: Uint8Array }
  | { in: 'bytes'; chunk: Uint8Array }
  /** The body is complete, or the connection is lost. */
  | { in: 'end'; evidence: Evidence; detail?: string }
  | { in: 'timer'; name: string };

const AS_EVENTSOURCE =
  'The lane does not come back, as an EventSource does not after any status but 200; with the retry policy “resilient” it would.';
const UNKNOWN_CODING_HINT = 'Leave the stream out of compression at the server, or ask with --accept-encoding off.';
/** A server that answers at all sends its head at once: what is later than this is worth a word. */
const HEAD_REMARKABLE_MS = 2000;
const HEAD_LATE_MS = 5000;
const HEAD_LATE_HINT = 'If it comes with --accept-encoding off, compression without a flush holds it back.';

export class SseCore {
  readonly #dialect: Dialect;
  readonly #settings: Readonly<ClientSettings>;
  readonly #parser: SseParser;
  readonly #watchdog: Watchdog;
  #cursor: string | null;
  #opened = false;
  #requestedAt = 0;
  #openedAt = 0;
  #lastByteAt = 0;
  /** Announced by `bye` or `end`; takes effect when the connection ends. */
  #announced: EndedSignal | null = null;
  /** An error response whose body is still being read. */
  #refused: { status: number; headers: IncomingHttpHeaders; body: string } | null = null;
  /** Keeps watch where the body is coded. */
  #coding: CodingWatch | null = null;
  #ended = false;

  constructor(o: { dialect: Dialect; settings: Readonly<ClientSettings>; cursor: string | null }) {
    this.#dialect = o.dialect;
    this.#settings = o.settings;
    this.#cursor = o.cursor;
    this.#watchdog = new Watchdog(o.settings.deadAfter);
    this.#parser = new SseParser({ lines: o.settings.wire });
  }

  step(input: SseInput, now: number): Output[] {
    if (this.#ended) return [];
    const out: Output[] = [];
    switch (input.in) {
      case 'request':
        this.#requestedAt = now;
        out.push(arm('answer', this.#headMs), arm('head', HEAD_LATE_MS));
        break;
      case 'head':
        out.push(disarm('answer'), ...this.#head(input, now));
        break;
      case 'coded':
        this.#lastByteAt = now;
        if (this.#coding?.coded(input.chunk, now)) out.push(arm('coding', CODING_HOLD_MS));
        break;
      case 'bytes':
        this.#lastByteAt = now;
        if (this.#refused) {
          this.#refused.body += Buffer.from(input.chunk).toString();
          if (this.#refused.body.length > REFUSAL_BODY_LIMIT) this.#endRefused(out, now);
          break;
        }
        this.#bytes(input.chunk, now, out);
        break;
      case 'end':
        if (this.#refused) this.#endRefused(out, now);
        else
          this.#end(out, this.#announced ?? endedSignal(input.evidence, input.detail ? { detail: input.detail } : {}));
        break;
      case 'timer':
        this.#timer(input.name, now, out);
        break;
    }
    return out;
  }

  get #headMs(): number {
    return this.#settings.headMs ?? DEFAULTS.answerTimeoutMs;
  }

  #bytes(chunk: Uint8Array, now: number, out: Output[]): void {
    let parts = 0;
    for (const part of this.#parser.feed(chunk)) {
      parts++;
      this.#part(part, now, out);
      if (this.#ended) return;
    }
    this.#coding?.decoded(chunk.length, parts);
  }

  #head({ status, headers, redirectedTo, coding = null }: Extract<SseInput, { in: 'head' }>, now: number): Output[] {
    const out: Output[] = [disarm('head')];
    this.#reportLateHead(out, now);
    if (status === 204) {
      const message =
        'The server answered 204: it wants no more connections (WHATWG), and the lane ends as an EventSource does.';
      out.push(signal({ kind: 'notice', level: 'info', code: 'ended-by-204', message }));
      this.#end(out, endedSignal('status:204', { announced: true, final: true, why: 'ended', by: 'server' }));
    } else if (status !== 200) {
      this.#refused = { status, headers, body: '' };
      if (mayExplain(headers) && coding?.undo !== null) out.push(arm('answer', REFUSAL_BODY_TIMEOUT_MS));
      else this.#endRefused(out, now);
    } else if (mediaType(headers) !== 'text/event-stream') {
      const type = mediaType(headers) || 'no content type';
      const detail = `${redirectedTo == null ? '' : `was redirected to ${redirectedTo}, which `}answers ${type}, not text/event-stream`;
      const hint = looksLikeLogin(redirectedTo, type)
        ? 'That looks like a login page: add the header or cookie that lets it in.'
        : 'Check URL, method and dialect: an EventSource gives up here for good.';
      const notice = { code: 'not-an-event-stream', hint };
      this.#end(out, endedSignal('protocol', { final: true, why: 'bad-input', by: 'server', detail, notice }));
    } else if (coding?.undo === null) {
      const notice = { code: 'unknown-coding', hint: UNKNOWN_CODING_HINT };
      const detail = unknownCoding(coding);
      this.#end(out, endedSignal('protocol', { final: true, why: 'bad-input', by: 'server', detail, notice }));
    } else {
      if (coding) {
        this.#coding = new CodingWatch(coding.name);
        out.push(arm('coding', CODING_HOLD_MS));
      }
      this.#opened = true;
      this.#openedAt = this.#lastByteAt = now;
      out.push(signal({ kind: 'open' }), arm('quiet', DEFAULTS.deadAfterFloorMs));
      this.#armWatchdog(out, now);
    }
    return out;
  }

  #reportLateHead(out: Output[], now: number): void {
    const took = now - this.#requestedAt;
    if (took < HEAD_REMARKABLE_MS) return;
    const message = `The head of the answer came after ${(took / 1000).toFixed(1)} s.`;
    out.push(signal({ kind: 'notice', level: 'info', code: 'head-late', message }));
  }

  /** Anything but 200 ends an EventSource for good, whatever it advises; a dialect or a resilient lane may know better. */
  #endRefused(out: Output[], now: number): void {
    const { status, headers, body } = this.#refused!;
    const e = endedByStatus(status, headers, now, `the stream was refused with ${status}`, body);
    if (this.#dialect.sse.retryOn?.includes(status)) return this.#end(out, { ...e, final: false });
    if (this.#settings.retry === 'resilient') return this.#end(out, e);
    if (e.final) return this.#end(out, e);
    const notice = { hint: AS_EVENTSOURCE };
    this.#end(out, { ...e, announced: false, final: true, why: 'refused-by-server', by: 'server', notice });
  }

  #part(part: SsePart, now: number, out: Output[]): void {
    switch (part.part) {
      case 'line':
        if (part.text !== '') {
          const what = part.text.startsWith(':') ? 'comment' : 'field';
          out.push(signal(wireSignal('in', what, part.text, part.bytes)));
        }
        break;
      case 'comment':
        out.push(signal({ kind: 'heartbeat', beat: 'comment', dir: 'in' }));
        this.#watchdog.beat(now);
        this.#armWatchdog(out, now);
        this.#reportCaughtUp(part.text, out);
        break;
      case 'retry':
        out.push(signal({ kind: 'hint', retryMs: part.ms }));
        break;
      case 'id':
        this.#cursor = part.lastEventId || null;
        out.push(signal({ kind: 'cursor', cursor: this.#cursor }));
        break;
      case 'too-long': {
        const size = `${part.limit / 1024 ** 2} MiB`;
        const detail = `${part.what === 'line' ? 'a line' : 'an event'} is longer than ${size}`;
        out.push(signal({ kind: 'notice', level: 'error', code: 'sse-too-long', message: detail }));
        this.#end(out, endedSignal('protocol', { detail }));
        break;
      }
      case 'event':
        if (this.#dialect.sse.control && this.#control(part, now, out)) return;
        if (part.ownId) this.#cursor = part.lastEventId || null;
        out.push(
          signal({
            kind: 'event',
            id: part.ownId && part.lastEventId !== '' ? part.lastEventId : null,
            type: part.type,
            time: this.#time(part),
            data: part.data,
            bytes: part.bytes,
          }),
        );
        // an empty id resets the last event ID (WHATWG HTML, 9.2.6)
        if (part.ownId && part.lastEventId === '') out.push(signal({ kind: 'cursor', cursor: null }));
    }
  }

  #time(part: Extract<SsePart, { part: 'event' }>): number | null {
    const where = this.#dialect.sse.time;
    const text = where && 'field' in where ? part.extra[where.field] : undefined;
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
  }

  /** `: hb C` tells the newest cursor: where it is ours, nothing is on its way. */
  #reportCaughtUp(text: string, out: Output[]): void {
    const newest = this.#dialect.sse.control ? /^hb (\S+)$/.exec(text)?.[1] : undefined;
    if (newest !== undefined && newest === this.#cursor) out.push(signal({ kind: 'caught-up', cursor: newest }));
  }

  /** @returns whether it was a control event, not one of the channel's */
  #control(part: Extract<SsePart, { part: 'event' }>, now: number, out: Output[]): boolean {
    if (!['hello', 'gap', 'bye', 'end'].includes(part.type)) return false;
    const fields = parseJsonObject(part.data) ?? {};
    switch (part.type) {
      case 'hello': {
        const beat = countOf(fields['heartbeatMs']);
        this.#watchdog.setPromisedPeriod(beat);
        out.push(signal({ kind: 'promise', heartbeatMs: beat }));
        this.#armWatchdog(out, now);
        const epoch = text(fields['epoch']);
        if (epoch !== null) out.push(signal({ kind: 'epoch', epoch }));
        const newest = text(fields['newest']);
        if (this.#cursor === null && newest !== null) {
          // nothing was asked: the stream starts at its newest, and can be resumed from there
          this.#cursor = newest;
          out.push(signal({ kind: 'cursor', cursor: newest }));
        }
        if (newest !== null && newest === this.#cursor) out.push(signal({ kind: 'caught-up', cursor: newest }));
        break;
      }
      case 'gap': {
        const from = text(fields['requested']) ?? this.#cursor;
        this.#cursor = part.lastEventId || null;
        const missed = countOf(fields['missed']);
        const reason = text(fields['reason']) ?? 'unknown';
        out.push(signal({ kind: 'gap', from, to: this.#cursor, missed, reason }));
        break;
      }
      case 'bye': {
        const retryMs = adviceOf(fields['retryMs']);
        const reason = text(fields['reason']);
        const detail = `bye: ${reason ?? 'no reason given'}`;
        const said = reason === null ? {} : { reason };
        this.#announced = endedSignal('clean-end', { announced: true, retryMs, by: 'server', detail, ...said });
        out.push(arm('bye', 5000));
        break;
      }
      case 'end':
        this.#announced = endedSignal('clean-end', { announced: true, final: true, why: 'ended', by: 'server' });
        out.push(arm('bye', 5000));
    }
    return true;
  }

  #armWatchdog(out: Output[], now: number): void {
    const limit = this.#watchdog.limitMs;
    if (limit === null) out.push(disarm('dead'));
    else out.push(arm('dead', Math.max(0, this.#lastByteAt + limit - now)));
  }

  #timer(name: string, now: number, out: Output[]): void {
    if (name === 'answer' && this.#refused) {
      this.#endRefused(out, now);
    } else if (name === 'coding') {
      const notice = this.#coding?.notice(now);
      if (typeof notice === 'number') out.push(arm('coding', notice));
      else if (notice) out.push(signal(notice));
    } else if (name === 'head') {
      const message = `The head of the answer has not come for ${HEAD_LATE_MS / 1000} s: a server that waits for its first event, or a path that holds the answer back.`;
      const hint = this.#settings.acceptEncoding === 'off' ? {} : { hint: HEAD_LATE_HINT };
      out.push(signal({ kind: 'notice', level: 'warn', code: 'head-late', message, ...hint }));
    } else if (name === 'answer') {
      const detail = `the head of the answer did not come within ${this.#headMs / 1000} s`;
      this.#end(out, endedSignal('no-answer', { detail }));
    } else if (name === 'dead') {
      const limit = this.#watchdog.limitMs;
      if (limit === null) return;
      // bytes do not re-arm the timer: it looks, when it rings, how long it has really been
      if (now - this.#lastByteAt < limit) return this.#armWatchdog(out, now);
      const detail = `nothing received for ${Math.round((now - this.#lastByteAt) / 1000)} s`;
      this.#end(out, endedSignal('silence', this.#watchdog.silence(detail)));
    } else if (name === 'bye' && this.#announced) {
      this.#end(out, this.#announced);
    } else if (name === 'quiet' && this.#opened && this.#watchdog.limitMs === null) {
      if (this.#settings.deadAfter === 'off') return;
      const message = `No heartbeat known after ${Math.round((now - this.#openedAt) / 1000)} s: if this connection dies silently, nothing will tell.`;
      out.push(signal({ kind: 'notice', level: 'info', code: 'no-watchdog', message }));
    }
  }

  #end(out: Output[], end: EndedSignal): void {
    this.#ended = true;
    out.push(signal(end));
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
