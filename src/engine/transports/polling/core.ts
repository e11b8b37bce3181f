/** One unbroken series of polls, decided without a socket. Short and long differ in their strategy. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { arm, disarm, signal, type Output } from '../../client/connection/output.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import type { BodyCoding } from '../../client/net/content-decoder.ts';
import { sentence } from '../../client/connection/sentence.ts';
import type { ConnectContext, EndedSignal } from '../../client/connection/signal.ts';
import { looksLikeLogin } from '../../client/connection/login-page.ts';
import { mediaType } from '../../client/connection/refusal-words.ts';
import { retryAfterMs } from '../../client/connection/retry-after.ts';
import { adviceMs, endedByStatus, eventsRetryMs } from '../../client/connection/statuses.ts';
import { asksForCursor } from '../../../shared/dialect/plan.ts';
import { methodOf, type MethodDialect } from '../../../shared/dialect/model.ts';
import type { Method } from '../../../shared/catalog.ts';
import type { TemplateValues } from '../../../shared/dialect/template.ts';
import { planAttempt, type PlannedAttempt } from '../../client/dialect/attempt.ts';
import { MessageFlow } from '../../client/dialect/flow.ts';
import { lostEnd } from '../../client/dialect/lost.ts';
import { endByDialect } from '../../client/dialect/status-end.ts';
import { floodBegins, isFlood, pollIntervalMs, PollPace, withSpacing, type PollNews } from './pace.ts';
import type { PollStrategy } from './strategy.ts';
import { readPollAnswer, type PollItem, type PollMessages } from './answer.ts';
import { Pages } from './pages.ts';

export type PollInput =
  | { in: 'start' }
  /** The request is on the wire. */
  | { in: 'sent'; /** By which HTTP method; absent: GET. */ method?: string }
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

/** A poll as it is asked. */
export type PollPlan = PlannedAttempt & { etag: string | null };

export type PollOutput =
  | Output
  | {
      out: 'request';
      /** @throws NoValue where a template has none */
      plan: (values?: TemplateValues) => PollPlan;
      /** A page of another origin: what a person gave is not for it. */
      foreign: boolean;
    };

type PollOptions = Pick<ConnectContext, 'url' | 'dialect' | 'settings' | 'cursor' | 'memory' | 'isRepeat'> &
  Partial<Pick<ConnectContext, 'resume' | 'epoch'>> & {
    method: Method;
  };

type Response = Extract<PollInput, { in: 'response' }>;

/** A long poll that stays unanswered this long is taken as held, where its first one could not ask for an answer. */
const ASSUME_HELD_MS = 300;
/** How far past its end a hold may be answered before it is overdue: the way there and back. */
const OVERDUE_GRACE_MS = 1000;

export class PollCore {
  readonly #options: PollOptions;
  readonly #strategy: PollStrategy;
  readonly #method: MethodDialect;
  readonly #flow: MessageFlow;
  readonly #asks: boolean;
  /** The cursor that the poll under way asks from, as it is written. */
  #askedFrom: string | null = null;
  #askedUrl: string;
  #httpMethod = 'GET';
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
  /** A list whose pages are being read. */
  #pages: Pages<Response & { took: number }> | null = null;
  readonly #pace: PollPace;

  constructor(strategy: PollStrategy, options: PollOptions) {
    const { dialect, method, cursor, memory } = options;
    this.#strategy = strategy;
    this.#options = options;
    this.#method = methodOf(dialect, method);
    this.#flow = new MessageFlow({ dialect, method: this.#method, cursor, memory });
    this.#asks = asksForCursor(dialect, method);
    this.#askedUrl = options.url;
    this.#probing = strategy.holdSettable && !memory.has('answered');
    this.#pace = new PollPace(memory, cursor);
  }

  step(input: PollInput, now: number): PollOutput[] {
    if (this.#ended) return [];
    const out: PollOutput[] = [];
    switch (input.in) {
      case 'start':
        this.#request(out, now);
        break;
      case 'sent':
        this.#httpMethod = input.method ?? 'GET';
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
    const { url, dialect, method, memory, epoch } = this.#options;
    const from = { cursor: this.#flow.cursor, resume: this.#opened || this.#options.resume === true };
    const etag =
      this.#method.cursor === 'validators' || !this.#strategy.conditional ? null : (memory.get('etag') ?? null);
    const holdMs = this.#holdMs;
    const plan = (values?: TemplateValues): PollPlan => {
      const named = memory.get('epoch') ?? epoch ?? null;
      const planned = planAttempt({ dialect, method, url, ...from, epoch: named, values, ids: this.#flow.ids });
      const held = this.#strategy.requestFor(planned.url, holdMs);
      const headers = { ...planned.headers, ...held.headers, ...(etag === null ? {} : { 'if-none-match': etag }) };
      this.#askedFrom = planned.cursor;
      this.#askedUrl = held.url;
      return { ...planned, url: held.url, headers, etag };
    };
    this.#previousRequestAt = this.#requestedAt || null;
    this.#send({ out: 'request', plan, foreign: false }, out, now);
  }

  #requestPage(url: string, out: PollOutput[], now: number): void {
    const foreign = new URL(url).origin !== new URL(this.#options.url).origin;
    this.#askedUrl = url;
    const cursor = this.#askedFrom;
    const nothing = { method: null, headers: {}, body: null, subprotocols: [], open: [], notice: null, etag: null };
    this.#send({ out: 'request', plan: () => ({ ...nothing, url, cursor }), foreign }, out, now);
  }

  #send(request: Extract<PollOutput, { out: 'request' }>, out: PollOutput[], now: number): void {
    this.#inFlight = true;
    this.#requestSent = false;
    this.#requestedAt = now;
    out.push(request);
    out.push(arm('giveup', this.#strategy.timeoutMs(this.#options.settings) + DEFAULTS.connectTimeoutMs));
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

  #response(input: Response, out: PollOutput[], now: number): void {
    const { dialect, memory } = this.#options;
    const { status, headers } = input;
    this.#inFlight = false;
    out.push(disarm('giveup'), disarm('held'), disarm('overdue'));
    const how = { dialect, method: this.#method, judge: this.#flow.judge, asks: this.#asks };
    let result = readPollAnswer(how, input);
    if (result.kind === 'messages' && !this.#asks) result = this.#dropRepeatedBody(result, memory);
    const empty = result.kind === 'messages' && !result.items.some(({ judged }) => judged?.is === 'event');
    const took = now - this.#requestedAt;
    const bytes = input.complete;
    out.push({ out: 'signal', signal: { kind: 'response', id: 0, status, bytes, took: Math.round(took), empty } });
    if (result.kind !== 'messages' && this.#pages) this.#pagesBroken(out, now);
    if (this.#ended) return;
    switch (result.kind) {
      case 'status':
        return this.#refused(input, took, out, now);
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
        const from = result.requested ?? this.#flow.cursor;
        const stuck = result.resume !== null && result.resume === this.#flow.cursor;
        this.#flow.resumeFrom(result.resume);
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
      case 'messages':
        this.#open(out);
        if (headers.etag !== undefined && !this.#pages) memory.set('etag', headers.etag);
        this.#messages(result, { ...input, took }, out, now);
    }
  }

  /** An answer that is no success: the dialect may know what follows, by its body or its status. */
  #refused(input: Response, took: number, out: PollOutput[], now: number): void {
    const { status, headers } = input;
    const what = `answered ${status} after ${seconds(took)}`;
    const body = input.body.toString();
    const said = endByDialect(this.#flow, this.#method, { status, headers, body, now, what }, out);
    if (said?.reason === 'gap' && said.atOnce) {
      this.#open(out);
      this.#options.memory.delete('etag');
      this.#probing = false;
      return this.#request(out, now);
    }
    if (said) return this.#end(out, said);
    const end = endedByStatus(status, headers, now, what, body);
    this.#end(out, end.final ? end : this.#afterLost(end));
  }

  /** The messages of an answer, or of a page of it: once the list is whole, they are told. */
  #messages(result: PollMessages, input: Response & { took: number }, out: PollOutput[], now: number): void {
    const newestFirst = this.#method.pages?.order === 'newest-first';
    if (this.#pages) this.#pages.add(result.items);
    else if (result.next === null) return this.#events(result, input, out, now);
    else this.#pages = new Pages(input, result, this.#askedUrl, newestFirst);
    const isKnown = ({ judged }: PollItem): boolean =>
      judged?.is === 'event' && this.#options.isRepeat?.(judged.id ?? '', judged.data) === true;
    const next = this.#pages.next(result.next, this.#askedUrl, isKnown);
    if (next !== null) return this.#requestPage(next, out, now);
    if (this.#pages.tooMany) {
      const message = `After ${this.#pages.count} pages there is still another: the rest of the list is left.`;
      out.push(signal({ kind: 'notice', level: 'warn', code: 'too-many-pages', message }));
    }
    this.#endPages(out, now);
  }

  #endPages(out: PollOutput[], now: number): void {
    const pages = this.#pages;
    this.#pages = null;
    if (pages) this.#events(pages.whole(), pages.first, out, now);
  }

  /** A page could not be had: what has come is told, and that something may lie between. */
  #pagesBroken(out: PollOutput[], now: number): void {
    const pages = this.#pages;
    this.#pages = null;
    if (!pages) return;
    const from = this.#flow.cursor;
    const message = `Page ${pages.count + 1} of the list could not be read: whether something lies between is not known.`;
    out.push(signal({ kind: 'notice', level: 'warn', code: 'pages-broken', message }));
    if (from !== null) out.push(signal({ kind: 'gap', from, to: from, missed: null, reason: 'pages', base: null }));
    for (const { judged } of pages.whole().items) if (judged?.is === 'event') this.#flow.event(judged, out);
    out.push(signal({ kind: 'phase', phase: 'requesting', until: Math.round(now) }));
  }

  #events(
    result: PollMessages,
    { status, took, headers }: { status: number; took: number; headers: IncomingHttpHeaders },
    out: PollOutput[],
    now: number,
  ): void {
    const { memory } = this.#options;
    const before = this.#flow.cursor;
    const events = result.items.flatMap(({ judged }) => (judged?.is === 'event' ? [judged] : []));
    // before they are told: once told, every one is a repeat
    const newIds = events.filter(({ id, data }) => id !== null && !this.#options.isRepeat?.(id, data)).length;
    const fresh = events.filter(({ id, data }) => id === null || !this.#options.isRepeat?.(id, data)).length;
    // a first list that nobody asked from somewhere is what was before
    const history = result.isList && this.#askedFrom === null && !memory.has('listed');
    if (result.isList && status < 300) memory.set('listed', 'yes');
    for (const item of result.items) {
      const { judged } = item;
      if (judged?.is === 'event' && item.idNotFound === null) this.#flow.event(judged, out, history, fresh > 0);
      else {
        const effect = this.#flow.takeJudged(item, out);
        if (effect?.do === 'beat' || effect?.do === 'pong' || effect?.do === 'answer') {
          out.push(signal({ kind: 'heartbeat', beat: 'message', dir: 'in' }));
        }
        if (effect?.do === 'end') {
          if (effect.end.atOnce) {
            memory.delete('etag');
            return this.#rest(0, out, now);
          }
          return this.#end(out, effect.end);
        }
      }
    }
    if (
      result.cursor !== null &&
      (result.cursor !== this.#flow.cursor || this.#options.dialect.ids.next === 'answer')
    ) {
      this.#flow.moveTo(result.cursor, out);
    }
    if (result.ended) {
      return this.#end(out, endedSignal('clean-end', { announced: true, final: true, why: 'ended', by: 'server' }));
    }
    // a walk that does not move, or that only repeats, would be asked forever
    const moved = !this.#asks || this.#flow.cursor !== before;
    const newEvents = moved ? fresh : 0;
    const more = result.more && newEvents > 0;
    const news = this.#pace.judge(newIds, result.cursor, asksAtOnce(this.#holdMs, more) ? took : Infinity);
    this.#unchanged = fresh > 0 ? 0 : this.#unchanged + 1;
    if (!more) out.push(signal({ kind: 'caught-up', cursor: this.#flow.cursor }));
    const idle = this.#method.pace?.idle === true;
    // a 304 says that the last whole answer still holds, and so does its advice
    if (status !== 304 || result.paceMs !== null) memory.set('poll-after', String(result.paceMs ?? ''));
    const said = memory.get('poll-after');
    const advice = said ? Number(said) : null;
    const held = took >= 1000;
    const spaced = this.#previousRequestAt !== null && this.#requestedAt - this.#previousRequestAt >= 1000;
    if (held || spaced) out.push(signal({ kind: 'steady' }));
    const advised = eventsRetryMs(headers) ?? (events.length === 0 && this.#holdMs > 0 ? adviceMs(headers, now) : null);
    if (advised !== null) {
      // a server that drains lets its polls go, and its listener is closed for the moment
      const detail = 'the server let the poll go, and said when to come back';
      return this.#end(out, endedSignal('clean-end', { announced: true, retryMs: advised, by: 'server', detail }));
    }
    if (isFlood(news)) return this.#flood(news, status, took, out);
    const rest = this.#strategy.nextDelay(
      { newEvents, more, unchanged: this.#unchanged, pollAfterMs: idle ? advice : null, took },
      this.#options.settings,
    );
    this.#retried = false;
    // what the server says of the next request, and the least wait ever, outrank everything else
    const paced = Math.max(this.#method.pace?.floorMs ?? 0, idle ? 0 : (advice ?? 0));
    if (this.#probing) {
      this.#probing = false;
      return this.#rest(withSpacing(paced, news, took), out, now);
    }
    if (rest === 'too-soon' && headers.connection === 'close') {
      // a server that drains lets its held polls go at once
      const detail = 'the server let the held poll go and closed the connection';
      return this.#end(out, endedSignal('clean-end', { announced: true, by: 'server', reason: 'drain', detail }));
    }
    if (rest === 'too-soon') {
      const what = events.length === 0 ? 'an empty answer' : 'an answer that brings nothing new';
      const detail = `${what} (${status}) after ${seconds(took)}, though a hold was asked for`;
      out.push(signal({ kind: 'notice', level: 'warn', code: 'empty-too-soon', message: detail }));
      return this.#end(out, endedSignal(`status:${status}`, { announced: true, by: 'server', detail }));
    }
    const interval = pollIntervalMs(headers);
    this.#reportPace(Math.max(paced, interval ?? 0), interval !== null, out);
    const least = Math.max(rest, retryAfterMs(headers['retry-after'], now) ?? 0, interval ?? 0, paced);
    this.#rest(withSpacing(least, news, took), out, now);
  }

  /** Said once: a lane that asks more rarely than it was told to does so for a reason. */
  #reportPace(ms: number, byHeader: boolean, out: PollOutput[]): void {
    const { settings, memory } = this.#options;
    const asked = this.#holdMs > 0 ? (settings.pollFloorMs ?? 0) : settings.pollMs;
    if (ms <= asked || memory.has('server-pace')) return;
    memory.set('server-pace', 'yes');
    const who = byHeader ? 'The server asks (X-Poll-Interval)' : 'The server, or the dialect, asks';
    const message = `${who} to be polled no more often than every ${seconds(ms)}: that outranks the interval of the lane.`;
    out.push(signal({ kind: 'notice', level: 'info', code: 'server-pace', message }));
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
  #dropRepeatedBody(result: PollMessages, memory: Map<string, string>): PollMessages {
    const [last] = result.items;
    if (last?.judged?.is !== 'event' || result.isList || result.items.length !== 1 || last.judged.id !== null)
      return result;
    const same = memory.get('body') === last.judged.data;
    memory.set('body', last.judged.data);
    return same ? { ...result, items: [] } : result;
  }

  #lost(input: Extract<PollInput, { in: 'lost' }>, out: PollOutput[], now: number): void {
    if (!this.#inFlight) return;
    if (input.staleIdle && !this.#retried && this.#httpMethod === 'GET') {
      this.#retried = true;
      const message = 'The idle connection had been closed as the poll went out; asked again on a new one.';
      out.push(signal({ kind: 'notice', level: 'info', code: 'stale-idle-retry', message }));
      this.#pages = null; // the list is read anew
      return this.#request(out, now);
    }
    const held = this.#holdMs > 0 && this.#requestSent;
    const detail = `${input.detail}${held ? ` after ${seconds(now - this.#requestedAt)} held` : ''}`.trim();
    this.#pagesBroken(out, now);
    this.#end(out, this.#afterLost(endedSignal(input.evidence, detail === '' ? {} : { detail })));
  }

  #afterLost(end: EndedSignal): EndedSignal {
    return lostEnd(end, this.#httpMethod, this.#method.after.lost);
  }

  #timer(name: string, out: PollOutput[], now: number): void {
    if (name === 'rest') return this.#request(out, now);
    if (name === 'held' && this.#inFlight) {
      this.#open(out);
      return this.#phase(out);
    }
    if (name === 'overdue' && this.#inFlight) return this.#overdue(out, now);
    if (name === 'giveup' && this.#inFlight) {
      this.#pagesBroken(out, now);
      const detail = `no answer within ${seconds(now - this.#requestedAt)}`;
      this.#end(out, this.#afterLost(endedSignal('no-answer', { detail })));
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
