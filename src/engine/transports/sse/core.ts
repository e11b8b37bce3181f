/** One SSE connection, decided without a socket: bytes and timers in, signals and timers out. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { methodOf, type Dialect, type MethodDialect } from '../../../shared/dialect/model.ts';
import { MessageFlow, type Effect } from '../../client/dialect/flow.ts';
import { endByDialect } from '../../client/dialect/status-end.ts';
import { Subject } from '../../client/dialect/subject.ts';
import { lostEnd } from '../../client/dialect/lost.ts';
import { streamReader, type StreamReader } from './stream-reader.ts';
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
import type { SsePart } from '../../wire/sse-parse.ts';

export type SseInput =
  /** @see RFC 9110, 9: absent, GET. */
  | { in: 'request'; method?: string }
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

/** Kept by a lane: what it asked for has a terminal message, and so has what resumes it. */
const AWAITS_END = 'awaits-end';

export class SseCore {
  readonly #method: MethodDialect;
  readonly #flow: MessageFlow;
  readonly #subject = new Subject();
  readonly #settings: Readonly<ClientSettings>;
  /** Of the request: what is not a GET is not sent again by itself. */
  #httpMethod = 'GET';
  #reader: StreamReader;
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
  /** What the lane keeps from one connection to the next. */
  readonly #memory: Map<string, string>;
  #headers: IncomingHttpHeaders = {};

  constructor(o: {
    dialect: Dialect;
    settings: Readonly<ClientSettings>;
    cursor: string | null;
    memory?: Map<string, string>;
  }) {
    const { dialect, cursor, memory = new Map<string, string>() } = o;
    this.#method = methodOf(dialect, 'sse');
    this.#flow = new MessageFlow({ dialect, method: this.#method, cursor, memory });
    this.#memory = memory;
    this.#settings = o.settings;
    this.#cursor = o.cursor;
    this.#watchdog = new Watchdog(o.settings.deadAfter);
    this.#reader = streamReader(this.#method.framing, o.settings.wire);
  }

  step(input: SseInput, now: number): Output[] {
    if (this.#ended) return [];
    const out: Output[] = [];
    switch (input.in) {
      case 'request':
        this.#requestedAt = now;
        this.#httpMethod = input.method ?? 'GET';
        if (this.#httpMethod === this.#method.ends) this.#memory.set(AWAITS_END, 'yes');
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
        else this.#streamEnded(input, now, out);
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
    for (const part of this.#reader.feed(chunk)) {
      parts++;
      this.#part(part, now, out);
      if (this.#ended) return;
    }
    this.#coding?.decoded(chunk.length, parts);
  }

  #head({ status, headers, redirectedTo, coding = null }: Extract<SseInput, { in: 'head' }>, now: number): Output[] {
    const out: Output[] = [disarm('head')];
    this.#reportLateHead(out, now);
    if (status === 204 && this.#asEventSource) {
      const message =
        'The server answered 204: it wants no more connections (WHATWG), and the lane ends as an EventSource does.';
      out.push(signal({ kind: 'notice', level: 'info', code: 'ended-by-204', message }));
      this.#end(out, endedSignal('status:204', { announced: true, final: true, why: 'ended', by: 'server' }));
    } else if (!this.#isSuccess(status)) {
      this.#refused = { status, headers, body: '' };
      const worthReading =
        mayExplain(headers) || (this.#method.messages.length > 1 && headers['content-length'] !== '0');
      if (worthReading && coding?.undo !== null) out.push(arm('answer', REFUSAL_BODY_TIMEOUT_MS));
      else this.#endRefused(out, now);
    } else if (!this.#isReadable(mediaType(headers))) {
      const type = mediaType(headers) || 'no content type';
      const wanted = this.#isEventStream ? 'text/event-stream' : 'a stream';
      const detail = `${redirectedTo == null ? '' : `was redirected to ${redirectedTo}, which `}answers ${type}, not ${wanted}`;
      const hint = looksLikeLogin(redirectedTo, type)
        ? 'That looks like a login page: add the header or cookie that lets it in.'
        : this.#asEventSource
          ? 'Check URL, method and dialect: an EventSource gives up here for good.'
          : 'Check URL, method and dialect.';
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
      // a server may answer a request for a stream with the one message there is
      if (this.#isEventStream && mediaType(headers) === 'application/json') {
        this.#reader = streamReader('whole', this.#settings.wire);
      }
      this.#headers = headers;
      this.#opened = true;
      this.#openedAt = this.#lastByteAt = now;
      out.push(signal({ kind: 'open' }), arm('quiet', DEFAULTS.deadAfterFloorMs));
      this.#armWatchdog(out, now);
      this.#checkResumed(headers, out);
    }
    return out;
  }

  /** The answer says from which cursor it goes on: from another than was asked, and something lies between. */
  #checkResumed(headers: IncomingHttpHeaders, out: Output[]): void {
    const asked = this.#flow.cursor;
    const { resumed } = this.#method;
    if (resumed === null || asked === null) return;
    const from = headers[resumed.header];
    if (from === undefined || from === asked) return;
    const gap = { oldest: null, newest: typeof from === 'string' ? from : null, epoch: null, missed: null } as const;
    this.#flow.gap({ is: 'gap', ...gap, reason: 'not-found', text: null, then: 'go-on' }, out);
  }

  get #isEventStream(): boolean {
    return this.#method.framing === 'sse' || this.#method.framing === 'events.v1';
  }

  /** WHATWG's rules for a client that comes back hold for a GET of an event stream, unless the lane is to be resilient. */
  get #asEventSource(): boolean {
    return this.#isEventStream && this.#httpMethod === 'GET';
  }

  #isSuccess(status: number): boolean {
    return this.#asEventSource ? status === 200 : status >= 200 && status < 300;
  }

  #isReadable(type: string): boolean {
    if (!this.#isEventStream) return type !== 'text/html';
    return type === 'text/event-stream' || (this.#httpMethod !== 'GET' && type === 'application/json');
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
    const what = `the stream was refused with ${status}`;
    const said = endByDialect(this.#flow, this.#method, { status, headers, body, now, what }, out);
    if (said) return this.#end(out, said);
    const e = endedByStatus(status, headers, now, what, body);
    if (this.#httpMethod !== 'GET' && !e.final) {
      return this.#lose(out, e);
    }
    if (this.#settings.retry === 'resilient' || !this.#asEventSource)
      return this.#end(out, { ...e, rule: 'the table: resilient' });
    if (e.final) return this.#end(out, e);
    const notice = { hint: AS_EVENTSOURCE };
    this.#end(out, { ...e, announced: false, final: true, why: 'refused-by-server', by: 'server', notice });
  }

  /** The body is over, or the connection is lost. */
  #streamEnded({ evidence, detail }: Extract<SseInput, { in: 'end' }>, now: number, out: Output[]): void {
    if (this.#announced) return this.#end(out, this.#announced);
    const complete = evidence === 'clean-end';
    // what a cut left of a message is not one
    if (this.#opened && complete) {
      for (const part of this.#reader.end()) {
        this.#part(part, now, out);
        if (this.#ended) return;
      }
    }
    const seen = endedSignal(evidence, detail ? { detail } : {});
    this.#lose(out, seen, complete && !this.#awaitsEnd);
  }

  /**
   * It is over without its terminal message, where it has one; and only a request that costs nothing is sent again.
   * @param complete the answer is whole, and nothing is said to end it
   */
  #lose(out: Output[], seen: EndedSignal, complete = false): void {
    const truncated = this.#opened && this.#awaitsEnd && this.#flow.truncated(out);
    const next = this.#resumesByGet ? 'GET' : this.#httpMethod;
    const asked = this.#resumesByGet ? { ...seen, rule: 'dialect, resume: GET' } : seen;
    const end = lostEnd(asked, next, this.#method.after.lost, this.#opened && complete);
    this.#end(out, truncated ? { ...end, truncated } : end);
  }

  get #awaitsEnd(): boolean {
    return this.#flow.judge.hasEnd && (this.#method.ends === null || this.#memory.has(AWAITS_END));
  }

  /** Where the stream got to is asked from by a GET, whatever the request was. */
  get #resumesByGet(): boolean {
    const { resume } = this.#method;
    return resume !== null && resume !== 'none' && resume.method === 'GET' && this.#flow.cursor !== null;
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
        if (!this.#comment(part.text, part.bytes, now, out)) return;
        this.#watchdog.beat(now);
        this.#armWatchdog(out, now);
        this.#reportCaughtUp(part.text, out);
        break;
      case 'retry':
        out.push(signal({ kind: 'hint', retryMs: part.ms }));
        break;
      case 'id':
        this.#cursor = part.lastEventId || null;
        if (this.#cursor === null || this.#method.framing === 'events.v1')
          out.push(signal({ kind: 'cursor', cursor: this.#cursor }));
        else if (this.#flow.judge.hasOwnIds) this.#flow.moveTo(this.#cursor, out);
        break;
      case 'too-long': {
        const size = `${part.limit / 1024 ** 2} MiB`;
        const detail = `${part.what === 'line' ? 'a line' : 'an event'} is longer than ${size}`;
        out.push(signal({ kind: 'notice', level: 'error', code: 'sse-too-long', message: detail }));
        this.#lose(out, endedSignal('protocol', { detail }));
        break;
      }
      case 'event':
        if (this.#method.framing !== 'events.v1') return this.#message(part, now, out);
        if (this.#control(part, now, out)) return;
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

  /** A message, as the rules of the dialect have it. */
  #message(part: Extract<SsePart, { part: 'event' }>, now: number, out: Output[]): void {
    const subject = this.#subject.ofText(part.data, part.bytes);
    subject.event = part.type;
    subject.id = part.ownId && part.lastEventId !== '' ? part.lastEventId : null;
    subject.fields = part.extra;
    subject.headers = this.#headers;
    const before = out.length;
    this.#effect(this.#flow.take(subject, out), now, out);
    if (!part.ownId || this.#ended) return;
    const told = out.slice(before).some((o) => o.out === 'signal' && o.signal.kind === 'event');
    // an empty id resets the last event ID (WHATWG HTML, 9.2.6)
    if (part.lastEventId === '') out.push(signal({ kind: 'cursor', cursor: null }));
    else if (!told && this.#flow.judge.hasOwnIds) this.#flow.moveTo(part.lastEventId, out);
  }

  #effect(effect: Effect | null, now: number, out: Output[]): void {
    switch (effect?.do) {
      case 'beat':
      case 'pong':
      case 'answer': // nothing can be sent on a stream
        out.push(signal({ kind: 'heartbeat', beat: 'message', dir: 'in' }));
        this.#watchdog.beat(now);
        this.#armWatchdog(out, now);
        break;
      case 'end':
        this.#end(out, effect.end);
        break;
      default:
    }
  }

  /** @returns whether it counts as a heartbeat */
  #comment(text: string, bytes: number, now: number, out: Output[]): boolean {
    if (this.#method.framing !== 'events.v1' && this.#flow.judge.readsComments) {
      const subject = this.#subject.ofText(text, bytes);
      subject.comment = text;
      const judged = this.#flow.judge.judge(subject);
      if (judged && judged.is !== 'beat') {
        this.#effect(this.#flow.apply(judged, out), now, out);
        return false;
      }
    }
    out.push(signal({ kind: 'heartbeat', beat: 'comment', dir: 'in' }));
    return true;
  }

  #time(part: Extract<SsePart, { part: 'event' }>): number | null {
    const text = part.extra['time'];
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
  }

  /** `: hb C` tells the newest cursor: where it is ours, nothing is on its way. */
  #reportCaughtUp(text: string, out: Output[]): void {
    const newest = this.#method.framing === 'events.v1' ? /^hb (\S+)$/.exec(text)?.[1] : undefined;
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
      this.#lose(out, endedSignal('no-answer', { detail }));
    } else if (name === 'dead') {
      const limit = this.#watchdog.limitMs;
      if (limit === null) return;
      // bytes do not re-arm the timer: it looks, when it rings, how long it has really been
      if (now - this.#lastByteAt < limit) return this.#armWatchdog(out, now);
      const detail = `nothing received for ${Math.round((now - this.#lastByteAt) / 1000)} s`;
      this.#lose(out, endedSignal('silence', this.#watchdog.silence(detail)));
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
