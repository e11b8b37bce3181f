/** One unbroken series of polls, decided without a socket. Short and long differ in their strategy. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { arm, disarm, signal, type Output } from '../../client/connection/output.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import { placeCursor as askFor, reportOmittedCursor } from '../../client/connection/request-headers.ts';
import type { BodyCoding } from '../../client/net/content-decoder.ts';
import { sentence } from '../../client/connection/sentence.ts';
import type { ConnectContext, EndedSignal } from '../../client/connection/signal.ts';
import { looksLikeLogin } from '../../client/connection/login-page.ts';
import { mediaType } from '../../client/connection/refusal-words.ts';
import { retryAfterMs } from '../../client/connection/retry-after.ts';
import { adviceMs, endedByStatus, eventsRetryMs } from '../../client/connection/statuses.ts';
import { floodBegins, isFlood, pollIntervalMs, PollPace, withSpacing, type PollNews } from './pace.ts';
import type { PollStrategy } from './strategy.ts';
import { parsePollResponse, type PollResult } from './response.ts';

export type PollInput =
  | { in: 'start' }
  /** The request is on the wire. */
  | { in: 'sent' }
  | {
      in: 'response';
      status: number;
      headers: IncomingHttpHeaders;
      body: Buffer;
      complete: number;
      coding?: BodyCoding | null;
      redirectedTo?: string | null;
    }
  /** The exchange broke off; `staleIdle`: on a connection that had served before, before a byte of the answer. */
  | { in: 'lost'; evidence: Evidence; detail: string; staleIdle: boolean }
  /** The answer grew past the limit. */
  | { in: 'too-big' }
  | { in: 'timer'; name: string };

export type PollOutput =
  Output | { out: 'request'; url: string; headers: Record<string, string>; cursor: string | null; etag: string | null };

type PollOptions = Pick<ConnectContext, 'url' | 'dialect' | 'settings' | 'cursor' | 'memory' | 'isRepeat'>;

/** A long poll that stays unanswered this long is taken as held, where its first one could not ask for an answer. */
const ASSUME_HELD_MS = 300;
/** How far past its end a hold may be answered before it is overdue: the way there and back. */
const OVERDUE_GRACE_MS = 1000;

export class PollCore {
  readonly #options: PollOptions;
  readonly #strategy: PollStrategy;
  #cursor: string | null;
  #opened = false;
  /** The first poll of a lane is not held: its response proves that the endpoint answers. */
  #probing: boolean;
  #overdueReported = false;
  #inFlight = false;
  #requestSent = false;
  #requestedAt = 0;
  #timeoutAt = 0;
  #previousRequestAt: number | null = null;
  #retried = false;
  #unchanged = 0;
  #ended = false;
  readonly #pace: PollPace;

  constructor(strategy: PollStrategy, options: PollOptions) {
    this.#strategy = strategy;
    this.#options = options;
    this.#probing = strategy.holdSettable && !options.memory.has('answered');
    this.#cursor = options.cursor;
    this.#pace = new PollPace(options.memory, options.cursor);
  }

  step(input: PollInput, now: number): PollOutput[] {
    if (this.#ended) return [];
    const out: PollOutput[] = [];
    switch (input.in) {
      case 'start':
        this.#request(out, now);
        break;
      case 'sent':
        this.#sent(out, now);
        break;
      case 'response':
        if (this.#inFlight) this.#response(input, out, now);
        break;
      case 'lost':
        this.#lost(input, out, now);
        break;
      case 'too-big': {
        const detail = `an answer is longer than ${DEFAULTS.limits.answer / 1024 ** 2} MiB`;
        out.push(signal({ kind: 'notice', level: 'error', code: 'answer-too-big', message: detail }));
        this.#end(out, endedSignal('protocol', { detail }));
        break;
      }
      case 'timer':
        this.#timer(input.name, out, now);
    }
    return out;
  }

  /** How long the poll under way may be held. */
  get #holdMs(): number {
    return this.#probing ? 0 : this.#strategy.holdMs(this.#options.settings);
  }

  #request(out: PollOutput[], now: number): void {
    const { url, dialect, settings, memory } = this.#options;
    const base = this.#strategy.requestFor(url, this.#holdMs);
    const target = askFor(dialect.poll.ask, base.url, this.#cursor);
    reportOmittedCursor(target, memory, (s) => out.push(signal(s)));
    const etag =
      this.#strategy.conditional && dialect.poll.ask.in !== 'validators' ? (memory.get('etag') ?? null) : null;
    const headers = { ...base.headers, ...target.headers, ...(etag === null ? {} : { 'if-none-match': etag }) };
    this.#inFlight = true;
    this.#requestSent = false;
    this.#previousRequestAt = this.#requestedAt || null;
    this.#requestedAt = now;
    out.push({ out: 'request', url: target.url, headers, cursor: target.cursor, etag });
    out.push(arm('giveup', this.#strategy.timeoutMs(settings) + DEFAULTS.connectTimeoutMs));
  }

  #sent(out: PollOutput[], now: number): void {
    if (!this.#inFlight) return;
    this.#requestSent = true;
    const hold = this.#holdMs;
    this.#timeoutAt = now + this.#strategy.timeoutMs(this.#options.settings);
    out.push(arm('giveup', this.#timeoutAt - now));
    if (hold > 0) out.push(arm('overdue', hold + OVERDUE_GRACE_MS));
    if (this.#opened) this.#phase(out);
    else if (hold > 0) out.push(arm('held', Math.min(ASSUME_HELD_MS, hold / 2)));
  }

  #phase(out: PollOutput[]): void {
    const hold = this.#holdMs;
    if (hold > 0) out.push(signal({ kind: 'phase', phase: 'held', until: this.#requestedAt + hold }));
    else out.push(signal({ kind: 'phase', phase: 'requesting', until: null }));
  }

  /** The hold is over, and no answer came: a silence that would look like a hold. */
  #overdue(out: PollOutput[], now: number): void {
    out.push(signal({ kind: 'phase', phase: 'requesting', until: this.#timeoutAt }));
    const leftMs = this.#timeoutAt - now;
    // after a sleep the timer that gives it up is due as well
    if (this.#overdueReported || leftMs <= 0) return;
    this.#overdueReported = true;
    const left = seconds(leftMs);
    const message = `The hold ended without an answer; the poll is given up in ${left}.`;
    out.push(signal({ kind: 'notice', level: 'warn', code: 'hold-overdue', message }));
  }

  #response(input: Extract<PollInput, { in: 'response' }>, out: PollOutput[], now: number): void {
    const { dialect, memory } = this.#options;
    const { status, headers } = input;
    this.#inFlight = false;
    out.push(disarm('giveup'), disarm('held'), disarm('overdue'));
    let result = parsePollResponse(dialect, status, headers, input.body, input.coding);
    if (result.kind === 'events' && dialect.poll.ask.in === 'none') result = this.#dropRepeatedBody(result, memory);
    const empty = result.kind === 'events' && result.events.length === 0;
    const took = now - this.#requestedAt;
    const bytes = input.complete;
    out.push({ out: 'signal', signal: { kind: 'response', id: 0, status, bytes, took: Math.round(took), empty } });
    switch (result.kind) {
      case 'status':
        return this.#end(
          out,
          endedByStatus(status, headers, now, `answered ${status} after ${seconds(took)}`, input.body.toString()),
        );
      case 'malformed': {
        const { redirectedTo } = input;
        if (redirectedTo != null) result.detail = `was redirected to ${redirectedTo}, which ${result.detail}`;
        // said once: a lane may come back for hours to a URL that answers with a page
        if (memory.get('malformed') !== result.detail) {
          memory.set('malformed', result.detail);
          const hint = looksLikeLogin(redirectedTo, mediaType(headers))
            ? 'That looks like a login page: add the header or cookie that lets it in.'
            : 'Check the URL, the method and the dialect.';
          const message = sentence(result.detail);
          out.push(signal({ kind: 'notice', level: 'error', code: result.code, message, hint }));
        }
        return this.#end(out, endedSignal('protocol', { by: 'server', detail: result.detail }));
      }
      case 'ended':
        return this.#end(out, endedSignal('status:410', { announced: true, final: true, why: 'ended', by: 'server' }));
      case 'gap': {
        this.#open(out);
        const from = result.requested ?? this.#cursor;
        const stuck = result.resume !== null && result.resume === this.#cursor;
        this.#cursor = result.resume;
        memory.delete('etag');
        out.push(signal({ kind: 'gap', from, to: result.resume, missed: result.missed, reason: result.reason }));
        // a server that calls its own resume point gone would be asked forever
        if (stuck) return this.#end(out, endedSignal('status:410', { detail: 'the cursor it gave is gone too' }));
        // and one that always names another would be asked as fast as it can answer
        if (memory.has('gap')) {
          return this.#end(
            out,
            endedSignal('status:410', { detail: 'another gap, and no event since the one before' }),
          );
        }
        memory.set('gap', 'yes');
        this.#probing = false;
        return this.#request(out, now);
      }
      case 'events':
        this.#open(out);
        if (headers.etag !== undefined) memory.set('etag', headers.etag);
        this.#events(result, { status, took, headers }, out, now);
    }
  }

  #events(
    result: Extract<PollResult, { kind: 'events' }>,
    { status, took, headers }: { status: number; took: number; headers: IncomingHttpHeaders },
    out: PollOutput[],
    now: number,
  ): void {
    const { memory } = this.#options;
    const before = this.#cursor;
    // before they are told: once told, every one is a repeat
    const newIds = result.events.filter(({ id, data }) => id !== null && !this.#options.isRepeat?.(id, data)).length;
    const fresh = result.events.filter(({ id, data }) => id === null || !this.#options.isRepeat?.(id, data)).length;
    if (fresh > 0) memory.delete('gap');
    for (const e of result.events) {
      const { id, type, time, data, bytes } = e;
      out.push(signal({ kind: 'event', id, type, time, data, bytes }));
    }
    if (result.cursor !== null && result.cursor !== this.#cursor) {
      this.#cursor = result.cursor;
      if (result.events.at(-1)?.id !== result.cursor) out.push(signal({ kind: 'cursor', cursor: result.cursor }));
    }
    if (result.ended) {
      return this.#end(out, endedSignal('clean-end', { announced: true, final: true, why: 'ended', by: 'server' }));
    }
    // a walk that does not move, or that only repeats, would be asked forever
    const moved = this.#options.dialect.poll.ask.in === 'none' || this.#cursor !== before;
    const newEvents = moved ? fresh : 0;
    const more = result.more && newEvents > 0;
    const news = this.#pace.judge(newIds, result.cursor, asksAtOnce(this.#holdMs, more) ? took : Infinity);
    this.#unchanged = fresh > 0 ? 0 : this.#unchanged + 1;
    if (!more) out.push(signal({ kind: 'caught-up', cursor: this.#cursor }));
    // a 304 says that the last whole answer still holds, and so does its advice
    if (status !== 304) memory.set('poll-after', String(result.pollAfterMs ?? ''));
    const advice = memory.get('poll-after');
    const held = took >= 1000;
    const spaced = this.#previousRequestAt !== null && this.#requestedAt - this.#previousRequestAt >= 1000;
    if (held || spaced) out.push(signal({ kind: 'steady' }));
    const advised =
      eventsRetryMs(headers) ?? (result.events.length === 0 && this.#holdMs > 0 ? adviceMs(headers, now) : null);
    if (advised !== null) {
      // a server that drains lets its polls go, and its listener is closed for the moment
      const detail = 'the server let the poll go, and said when to come back';
      return this.#end(out, endedSignal('clean-end', { announced: true, retryMs: advised, by: 'server', detail }));
    }
    if (isFlood(news)) return this.#flood(news, status, took, out);
    const rest = this.#strategy.nextDelay(
      { newEvents, more, unchanged: this.#unchanged, pollAfterMs: advice ? Number(advice) : null, took },
      this.#options.settings,
    );
    this.#retried = false;
    if (this.#probing) {
      this.#probing = false;
      return this.#rest(withSpacing(0, news, took), out, now);
    }
    if (rest === 'too-soon' && headers.connection === 'close') {
      // a server that drains lets its held polls go at once
      const detail = 'the server let the held poll go and closed the connection';
      return this.#end(out, endedSignal('clean-end', { announced: true, by: 'server', reason: 'drain', detail }));
    }
    if (rest === 'too-soon') {
      const what = result.events.length === 0 ? 'an empty answer' : 'an answer that brings nothing new';
      const detail = `${what} (${status}) after ${seconds(took)}, though a hold was asked for`;
      out.push(signal({ kind: 'notice', level: 'warn', code: 'empty-too-soon', message: detail }));
      return this.#end(out, endedSignal(`status:${status}`, { announced: true, by: 'server', detail }));
    }
    const least = Math.max(rest, retryAfterMs(headers['retry-after'], now) ?? 0, pollIntervalMs(headers) ?? 0);
    this.#rest(withSpacing(least, news, took), out, now);
  }

  /** The server answers at once for ever, and says nothing new: the lane's back-off slows it. */
  #flood(news: PollNews, status: number, took: number, out: PollOutput[]): void {
    const detail = `answered at once (${status} after ${seconds(took)}) and brought nothing new, ${news.atOnce} times in a row`;
    if (floodBegins(news)) {
      const hint = 'The lane asks more slowly. A long poll is to be held until there is news; check URL and dialect.';
      out.push(signal({ kind: 'notice', level: 'warn', code: 'answers-at-once', message: sentence(detail), hint }));
    }
    this.#end(out, endedSignal(`status:${status}`, { announced: true, by: 'server', detail }));
  }

  #rest(ms: number, out: PollOutput[], now: number): void {
    if (ms <= 0) return this.#request(out, now);
    out.push(signal({ kind: 'phase', phase: 'resting', until: Math.round(now + ms) }), arm('rest', ms));
  }

  /** An endpoint without cursors answers with what is, again and again: the same text twice is no news. */
  #dropRepeatedBody(result: Extract<PollResult, { kind: 'events' }>, memory: Map<string, string>): PollResult {
    const last = result.events.at(-1);
    if (last === undefined || result.events.length !== 1 || last.id !== null) return result;
    const same = memory.get('body') === last.data;
    memory.set('body', last.data);
    return same ? { ...result, events: [] } : result;
  }

  #lost(input: Extract<PollInput, { in: 'lost' }>, out: PollOutput[], now: number): void {
    if (!this.#inFlight) return;
    if (input.staleIdle && !this.#retried) {
      this.#retried = true;
      const message = 'The idle connection had been closed as the poll went out; asked again on a new one.';
      out.push(signal({ kind: 'notice', level: 'info', code: 'stale-idle-retry', message }));
      return this.#request(out, now);
    }
    const held = this.#holdMs > 0 && this.#requestSent;
    const detail = `${input.detail}${held ? ` after ${seconds(now - this.#requestedAt)} held` : ''}`.trim();
    this.#end(out, endedSignal(input.evidence, detail === '' ? {} : { detail }));
  }

  #timer(name: string, out: PollOutput[], now: number): void {
    if (name === 'rest') return this.#request(out, now);
    if (name === 'held' && this.#inFlight) {
      this.#open(out);
      return this.#phase(out);
    }
    if (name === 'overdue' && this.#inFlight) return this.#overdue(out, now);
    if (name === 'giveup' && this.#inFlight) {
      this.#end(out, endedSignal('no-answer', { detail: `no answer within ${seconds(now - this.#requestedAt)}` }));
    }
  }

  #open(out: PollOutput[]): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#options.memory.set('answered', 'yes');
    out.push(signal({ kind: 'open' }));
  }

  #end(out: PollOutput[], end: EndedSignal): void {
    this.#ended = true;
    out.push(signal(end));
  }
}

/** A short poll that rests between its requests may well be answered at once. */
const asksAtOnce = (holdMs: number, more: boolean): boolean => holdMs > 0 || more;

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
