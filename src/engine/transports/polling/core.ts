/** One unbroken series of polls, decided without a socket. What differs between short and long is its rhythm. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { arm, disarm, signal, type Output } from '../../client/core.ts';
import { ended } from '../../client/ended.ts';
import { ask as askFor, tellUnsaid } from '../../client/requests.ts';
import { sentence } from '../../client/sentence.ts';
import type { ClientSettings, ConnectContext, Ended } from '../../client/signal.ts';
import { adviceMs, endOfStatus, ownAdviceMs } from '../../client/statuses.ts';
import { readAnswer, type Answer } from './answer.ts';

export type PollInput =
  | { in: 'start' }
  /** The request is on the wire. */
  | { in: 'sent' }
  | { in: 'answer'; status: number; headers: IncomingHttpHeaders; body: Buffer; complete: number }
  /** The exchange broke off; `staleIdle`: on a connection that had served before, before a byte of the answer. */
  | { in: 'lost'; evidence: Evidence; detail: string; staleIdle: boolean }
  /** The answer grew past the limit. */
  | { in: 'too-big' }
  | { in: 'timer'; name: string };

export type PollOutput =
  Output | { out: 'ask'; url: string; headers: Record<string, string>; cursor: string | null; etag: string | null };

/** What a rhythm looks at after a good answer. */
export interface Beat {
  /** Events that brought the lane on: repeats, and what does not move the cursor, would be asked for forever. */
  news: number;
  more: boolean;
  /** Answers in a row without news. */
  unchanged: number;
  pollAfterMs: number | null;
  /** From the request to the answer, ms. */
  took: number;
}

export interface Rhythm {
  /** Extra words of the request: to be held for `holdMs`, which is 0 at the door. */
  shape(url: string, holdMs: number): { url: string; headers: Record<string, string> };
  /** The endpoint lets itself be told how long to hold, so that a first poll without a hold proves that it answers. */
  tellsHold: boolean;
  /** Ask with the ETag of the last answer. */
  conditional: boolean;
  /** How long the server may hold the answer; 0: it should not. */
  holdMs(settings: Readonly<ClientSettings>): number;
  /** When to give up on an answer. */
  giveUpMs(settings: Readonly<ClientSettings>): number;
  /** How long to rest after a good answer, or why it was none. */
  rest(beat: Beat, settings: Readonly<ClientSettings>): number | 'too-soon';
}

type PollOptions = Pick<ConnectContext, 'url' | 'dialect' | 'settings' | 'cursor' | 'memory' | 'isRepeat'>;

/** A long poll that stays unanswered this long is taken as held, where its first one could not ask for an answer. */
const HELD_AFTER = 300;
/** How far past its end a hold may be answered before it is overdue: the way there and back. */
const OVERDUE_AFTER = 1000;

export class PollCore {
  readonly #o: PollOptions;
  readonly #rhythm: Rhythm;
  #cursor: string | null;
  #opened = false;
  /** The first poll of a lane is not held: its answer proves that somebody is there. */
  #atDoor: boolean;
  #saidOverdue = false;
  #asking = false;
  #onWire = false;
  #askedAt = 0;
  #giveUpAt = 0;
  #previousAskAt: number | null = null;
  #retried = false;
  #unchanged = 0;
  #over = false;

  constructor(rhythm: Rhythm, o: PollOptions) {
    this.#rhythm = rhythm;
    this.#o = o;
    this.#atDoor = rhythm.tellsHold && !o.memory.has('answered');
    this.#cursor = o.cursor;
  }

  step(input: PollInput, now: number): PollOutput[] {
    if (this.#over) return [];
    const out: PollOutput[] = [];
    switch (input.in) {
      case 'start':
        this.#ask(out, now);
        break;
      case 'sent':
        this.#sent(out, now);
        break;
      case 'answer':
        if (this.#asking) this.#answer(input, out, now);
        break;
      case 'lost':
        this.#lost(input, out, now);
        break;
      case 'too-big': {
        const detail = `an answer is longer than ${DEFAULTS.limits.answer / 1024 ** 2} MiB`;
        out.push(signal({ kind: 'notice', level: 'error', code: 'answer-too-big', message: detail }));
        this.#end(out, ended('protocol', { detail }));
        break;
      }
      case 'timer':
        this.#timer(input.name, out, now);
    }
    return out;
  }

  /** How long the poll under way may be held. */
  get #holdMs(): number {
    return this.#atDoor ? 0 : this.#rhythm.holdMs(this.#o.settings);
  }

  #ask(out: PollOutput[], now: number): void {
    const { url, dialect, settings, memory } = this.#o;
    const shaped = this.#rhythm.shape(url, this.#holdMs);
    const asking = askFor(dialect.poll.ask, shaped.url, this.#cursor);
    tellUnsaid(asking, memory, (s) => out.push(signal(s)));
    const etag = this.#rhythm.conditional && dialect.poll.ask.in !== 'validators' ? (memory.get('etag') ?? null) : null;
    const headers = { ...shaped.headers, ...asking.headers, ...(etag === null ? {} : { 'if-none-match': etag }) };
    this.#asking = true;
    this.#onWire = false;
    this.#previousAskAt = this.#askedAt || null;
    this.#askedAt = now;
    out.push({ out: 'ask', url: asking.url, headers, cursor: asking.unsaid ? null : this.#cursor, etag });
    out.push(arm('giveup', this.#rhythm.giveUpMs(settings) + DEFAULTS.connectTimeoutMs));
  }

  #sent(out: PollOutput[], now: number): void {
    if (!this.#asking) return;
    this.#onWire = true;
    const hold = this.#holdMs;
    this.#giveUpAt = now + this.#rhythm.giveUpMs(this.#o.settings);
    out.push(arm('giveup', this.#giveUpAt - now));
    if (hold > 0) out.push(arm('overdue', hold + OVERDUE_AFTER));
    if (this.#opened) this.#phase(out);
    else if (hold > 0) out.push(arm('held', Math.min(HELD_AFTER, hold / 2)));
  }

  #phase(out: PollOutput[]): void {
    const hold = this.#holdMs;
    if (hold > 0) out.push(signal({ kind: 'phase', phase: 'held', until: this.#askedAt + hold }));
    else out.push(signal({ kind: 'phase', phase: 'requesting', until: null }));
  }

  /** The hold is over, and no answer came: a silence that would look like a hold. */
  #overdue(out: PollOutput[], now: number): void {
    out.push(signal({ kind: 'phase', phase: 'requesting', until: this.#giveUpAt }));
    if (this.#saidOverdue) return;
    this.#saidOverdue = true;
    const left = seconds(this.#giveUpAt - now);
    const message = `The hold ended without an answer; the poll is given up in ${left}.`;
    out.push(signal({ kind: 'notice', level: 'warn', code: 'hold-overdue', message }));
  }

  #answer(input: Extract<PollInput, { in: 'answer' }>, out: PollOutput[], now: number): void {
    const { dialect, memory } = this.#o;
    const { status, headers } = input;
    this.#asking = false;
    out.push(disarm('giveup'), disarm('held'), disarm('overdue'));
    let answer = readAnswer(dialect, status, headers, input.body);
    if (answer.say === 'news' && dialect.poll.ask.in === 'none') answer = this.#sameAsBefore(answer, memory);
    const empty = answer.say === 'news' && answer.events.length === 0;
    const took = now - this.#askedAt;
    const bytes = input.complete;
    out.push({ out: 'signal', signal: { kind: 'response', id: 0, status, bytes, took: Math.round(took), empty } });
    switch (answer.say) {
      case 'status':
        return this.#end(
          out,
          endOfStatus(status, headers, now, `answered ${status} after ${seconds(took)}`, input.body.toString()),
        );
      case 'nonsense': {
        // said once: a lane may come back for hours to a URL that answers with a page
        if (memory.get('nonsense') !== answer.detail) {
          memory.set('nonsense', answer.detail);
          const hint = 'Check the URL, the method and the dialect.';
          const message = sentence(answer.detail);
          out.push(signal({ kind: 'notice', level: 'error', code: answer.code, message, hint }));
        }
        return this.#end(out, ended('protocol', { by: 'server', detail: answer.detail }));
      }
      case 'ended':
        return this.#end(out, ended('status:410', { announced: true, final: true, why: 'ended', by: 'server' }));
      case 'gap': {
        this.#open(out);
        const from = answer.requested ?? this.#cursor;
        const stuck = answer.resume !== null && answer.resume === this.#cursor;
        this.#cursor = answer.resume;
        memory.delete('etag');
        out.push(signal({ kind: 'gap', from, to: answer.resume, missed: answer.missed, reason: answer.reason }));
        // a server that calls its own resume point gone would be asked forever
        if (stuck) return this.#end(out, ended('status:410', { detail: 'the cursor it gave is gone too' }));
        // and one that always names another would be asked as fast as it can answer
        if (memory.has('gap')) {
          return this.#end(out, ended('status:410', { detail: 'another gap, and no event since the one before' }));
        }
        memory.set('gap', 'yes');
        this.#atDoor = false;
        return this.#ask(out, now);
      }
      case 'news':
        this.#open(out);
        if (headers.etag !== undefined) memory.set('etag', headers.etag);
        this.#news(answer, { status, took, headers }, out, now);
    }
  }

  #news(
    answer: Extract<Answer, { say: 'news' }>,
    { status, took, headers }: { status: number; took: number; headers: IncomingHttpHeaders },
    out: PollOutput[],
    now: number,
  ): void {
    const { memory } = this.#o;
    const before = this.#cursor;
    // before they are told: once told, every one is a repeat
    const fresh = answer.events.filter(({ id }) => id === null || !this.#o.isRepeat?.(id)).length;
    if (fresh > 0) memory.delete('gap');
    for (const e of answer.events) {
      const { id, type, time, data, bytes } = e;
      out.push(signal({ kind: 'event', id, type, time, data, bytes }));
    }
    if (answer.cursor !== null && answer.cursor !== this.#cursor) {
      this.#cursor = answer.cursor;
      if (answer.events.at(-1)?.id !== answer.cursor) out.push(signal({ kind: 'cursor', cursor: answer.cursor }));
    }
    if (answer.ended) {
      return this.#end(out, ended('clean-end', { announced: true, final: true, why: 'ended', by: 'server' }));
    }
    // a walk that does not move, or that only repeats, would be asked forever
    const moved = this.#o.dialect.poll.ask.in === 'none' || this.#cursor !== before;
    const news = moved ? fresh : 0;
    const more = answer.more && news > 0;
    this.#unchanged = fresh > 0 ? 0 : this.#unchanged + 1;
    if (!more) out.push(signal({ kind: 'caught-up', cursor: this.#cursor }));
    // a 304 says that the last whole answer still holds, and so does its advice
    if (status !== 304) memory.set('poll-after', String(answer.pollAfterMs ?? ''));
    const advice = memory.get('poll-after');
    const held = took >= 1000;
    const spaced = this.#previousAskAt !== null && this.#askedAt - this.#previousAskAt >= 1000;
    if (held || spaced) out.push(signal({ kind: 'steady' }));
    const advised =
      ownAdviceMs(headers) ?? (answer.events.length === 0 && this.#holdMs > 0 ? adviceMs(headers, now) : null);
    if (advised !== null) {
      // a server that drains lets its polls go, and its listener is closed for the moment
      const detail = 'the server let the poll go, and said when to come back';
      return this.#end(out, ended('clean-end', { announced: true, retryMs: advised, by: 'server', detail }));
    }
    const rest = this.#rhythm.rest(
      { news, more, unchanged: this.#unchanged, pollAfterMs: advice ? Number(advice) : null, took },
      this.#o.settings,
    );
    this.#retried = false;
    if (this.#atDoor) {
      this.#atDoor = false;
      return this.#ask(out, now);
    }
    if (rest === 'too-soon' && headers.connection === 'close') {
      // a server that drains lets its held polls go at once
      const detail = 'the server let the held poll go and closed the connection';
      return this.#end(out, ended('clean-end', { announced: true, by: 'server', detail }));
    }
    if (rest === 'too-soon') {
      const what = answer.events.length === 0 ? 'an empty answer' : 'an answer that brings nothing new';
      const detail = `${what} (${status}) after ${seconds(took)}, though a hold was asked for`;
      out.push(signal({ kind: 'notice', level: 'warn', code: 'empty-too-soon', message: detail }));
      return this.#end(out, ended(`status:${status}`, { announced: true, by: 'server', detail }));
    }
    if (rest <= 0) return this.#ask(out, now);
    out.push(signal({ kind: 'phase', phase: 'resting', until: Math.round(now + rest) }), arm('rest', rest));
  }

  /** An endpoint without cursors answers with what is, again and again: the same text twice is no news. */
  #sameAsBefore(answer: Extract<Answer, { say: 'news' }>, memory: Map<string, string>): Answer {
    const last = answer.events.at(-1);
    if (last === undefined || answer.events.length !== 1 || last.id !== null) return answer;
    const same = memory.get('body') === last.data;
    memory.set('body', last.data);
    return same ? { ...answer, events: [] } : answer;
  }

  #lost(input: Extract<PollInput, { in: 'lost' }>, out: PollOutput[], now: number): void {
    if (!this.#asking) return;
    if (input.staleIdle && !this.#retried) {
      this.#retried = true;
      const message = 'The idle connection had been closed as the poll went out; asked again on a new one.';
      out.push(signal({ kind: 'notice', level: 'info', code: 'stale-idle-retry', message }));
      return this.#ask(out, now);
    }
    const held = this.#holdMs > 0 && this.#onWire;
    const detail = `${input.detail}${held ? ` after ${seconds(now - this.#askedAt)} held` : ''}`.trim();
    this.#end(out, ended(input.evidence, detail === '' ? {} : { detail }));
  }

  #timer(name: string, out: PollOutput[], now: number): void {
    if (name === 'rest') return this.#ask(out, now);
    if (name === 'held' && this.#asking) {
      this.#open(out);
      return this.#phase(out);
    }
    if (name === 'overdue' && this.#asking) return this.#overdue(out, now);
    if (name === 'giveup' && this.#asking) {
      this.#end(out, ended('no-answer', { detail: `no answer within ${seconds(now - this.#askedAt)}` }));
    }
  }

  #open(out: PollOutput[]): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#o.memory.set('answered', 'yes');
    out.push(signal({ kind: 'open' }));
  }

  #end(out: PollOutput[], end: Ended): void {
    this.#over = true;
    out.push(signal(end));
  }
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
