/** What the messages of one connection come to, by its dialect: the same for a stream, a socket and a poll. */
import type { AfterGap, Dialect, MethodDialect } from '../../../shared/dialect/model.ts';
import { countOf } from '../../wire/numbers.ts';
import { endedSignal } from '../connection/ended.ts';
import { signal, type Sink } from '../connection/output.ts';
import type { EndedSignal } from '../connection/signal.ts';
import { IdReader } from './ids.ts';
import { judgeOf, type Judge, type Judged, type JudgedEvent, type JudgedGap } from './judge.ts';
import type { Subject } from './subject.ts';

/** What is left for a connection to do after a message. */
export type Effect =
  | { do: 'answer'; text: string }
  | { do: 'beat' }
  | { do: 'pong' }
  | { do: 'hello'; beatMs: number | null }
  | { do: 'end'; end: EndedSignal };

interface FlowOptions {
  dialect: Dialect;
  method: MethodDialect;
  /** Where the lane got to. */
  cursor: string | null;
  /** What the lane keeps from one connection to the next. */
  memory: Map<string, string>;
}

const SHOWN_LENGTH = 200;
/** Kept by a lane: a gap was announced, and nothing has come since. */
const GAP_KEY = 'gap';

export class MessageFlow {
  readonly ids: IdReader;
  readonly judge: Judge;
  readonly #options: FlowOptions;
  #cursor: string | null;
  /** The cursor of an epoch that is over: a gap may still speak of it. */
  #staleCursor: string | null = null;
  /** The cursor is what an answer carried: ids do not move it. */
  #answered: boolean;
  /** The terminal message has come. */
  ended = false;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.ids = new IdReader(options.dialect.ids);
    this.judge = judgeOf(options.dialect, options.method);
    this.#cursor = options.cursor;
    this.#answered = options.memory.has('answer-cursor');
  }

  /** Where the lane has got to. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** One message, or each member of the list in it. */
  take(subject: Subject, out: Sink): Effect | null {
    const members = this.judge.membersOf(subject);
    if (members === null) return this.takeOne(subject, out);
    return this.#takeList(members, subject, out, null);
  }

  #takeList(members: readonly unknown[], subject: Subject, out: Sink, before: Effect | null): Effect | null {
    const { headers, event, bytes } = subject;
    let last = before;
    for (const member of members) {
      subject.ofJson(member, members.length === 1 ? bytes : NaN);
      if (members.length > 1) subject.bytes = Buffer.byteLength(subject.text);
      subject.headers = headers;
      subject.event = event;
      last = this.takeOne(subject, out) ?? last;
      if (last?.do === 'end') return last;
    }
    return last;
  }

  takeOne(subject: Subject, out: Sink): Effect | null {
    const judged = this.judge.judge(subject);
    if (judged === null) {
      if (subject.comment === null) this.#unmatched(() => subject.text, out);
      return null;
    }
    if (this.judge.idNotFound !== null) this.#idNotFound(() => subject.text, this.judge.idNotFound, out);
    const list = this.judge.listTaken?.(subject.json);
    const effect = this.apply(judged, out);
    return Array.isArray(list) && effect?.do !== 'end' ? this.#takeList(list, subject, out, effect) : effect;
  }

  apply(judged: Judged, out: Sink): Effect | null {
    switch (judged.is) {
      case 'event':
        this.event(judged, out);
        return null;
      case 'ignore':
        return null;
      case 'beat':
        return judged.answer === null ? { do: 'beat' } : { do: 'answer', text: judged.answer };
      case 'pong':
        return { do: 'pong' };
      case 'rebase':
        this.#options.memory.delete(GAP_KEY);
        this.#cursor = judged.id;
        out.push(signal({ kind: 'rebase', id: judged.id }));
        return null;
      case 'cursor':
        this.moveTo(judged.id, out);
        return null;
      case 'hello':
        if (judged.epoch !== null) this.#epochNamed(judged.epoch, out);
        if (judged.newest !== null && this.#cursor === null) this.moveTo(judged.newest, out);
        if (judged.newest !== null && judged.newest === this.#cursor) {
          out.push(signal({ kind: 'caught-up', cursor: judged.newest }));
        }
        return { do: 'hello', beatMs: judged.beatMs };
      case 'error': {
        const message =
          judged.text === null
            ? 'The server reports an error, and does not say which.'
            : `The server says: ${judged.text}`;
        out.push(signal({ kind: 'notice', level: 'error', code: 'server-error', message: clipped(message, 500) }));
        return null;
      }
      case 'end': {
        this.ended = true;
        const said = judged.text === null ? {} : { reason: judged.text };
        return {
          do: 'end',
          end: endedSignal('clean-end', {
            announced: true,
            final: true,
            why: 'ended',
            by: 'server',
            terminal: true,
            ...said,
          }),
        };
      }
      case 'gap':
        return this.gap(judged, out);
    }
  }

  /** A message of an answer, which has been judged already. */
  takeJudged(
    { judged, text, idNotFound }: { judged: Judged | null; text: () => string; idNotFound: string | null },
    out: Sink,
  ): Effect | null {
    if (judged === null) {
      this.#unmatched(text, out);
      return null;
    }
    if (idNotFound !== null) this.#idNotFound(text, idNotFound, out);
    return this.apply(judged, out);
  }

  /** After a gap that was announced in another way. */
  resumeFrom(cursor: string | null): void {
    this.#cursor = cursor;
  }

  /** @param isNews whether something came that was not there before */
  event(e: JudgedEvent, out: Sink, replayed = false, isNews = true): void {
    const { id, type, time, data, bytes, previous, epoch, token } = e;
    if (id !== null && !this.#answered) this.#cursor = id;
    if (isNews) this.#options.memory.delete(GAP_KEY);
    out.push(
      signal({
        kind: 'event',
        id,
        type,
        time,
        data,
        bytes,
        ...(previous === null ? {} : { previous }),
        ...(epoch === null ? {} : { epoch }),
        ...(replayed ? { replayed } : {}),
        ...(token ? { token: true } : {}),
      }),
    );
  }

  /** An answer, or a message that is no event, says where to go on from. */
  moveTo(cursor: string | null, out: Sink): void {
    if (cursor === null) return;
    const apart = this.#options.dialect.ids.next === 'answer';
    if (apart) {
      this.#answered = true;
      this.#options.memory.set('answer-cursor', 'yes');
    }
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    out.push(signal({ kind: 'cursor', cursor, ...(apart ? { apart } : {}) }));
  }

  #epochNamed(epoch: string, out: Sink): void {
    if (this.#isOtherEpoch(epoch)) {
      // numbers of another life: nothing can be resumed from them
      this.#staleCursor = this.#cursor;
      this.#cursor = null;
    }
    this.#options.memory.set('epoch', epoch);
    out.push(signal({ kind: 'epoch', epoch }));
  }

  /** The server cannot go on from where it was asked to. */
  gap(g: JudgedGap, out: Sink, evidence: EndedSignal['evidence'] = 'clean-end'): Effect | null {
    const { memory } = this.#options;
    const from = this.#cursor ?? this.#staleCursor;
    if (g.epoch !== null) out.push(signal({ kind: 'epoch', epoch: g.epoch, quiet: true }));
    const then =
      g.then ?? (g.oldest !== null && this.ids.shifted(g.oldest, -1n) !== null ? 'before-oldest' : 'restart');
    const base = g.oldest === null ? null : this.ids.shifted(g.oldest, -1n);
    const to = this.#nextAfterGap(then, g, base);
    const missed = g.missed ?? this.#missedBetween(from, base, g.epoch);
    const reason = g.reason ?? (g.epoch !== null && this.#isOtherEpoch(g.epoch) ? 'epoch' : 'unknown');
    if (g.text !== null) {
      out.push(
        signal({
          kind: 'notice',
          level: 'warn',
          code: 'server-gap',
          message: clipped(`The server says: ${g.text}`, 500),
        }),
      );
    }
    if (g.epoch !== null) memory.set('epoch', g.epoch);
    out.push(signal({ kind: 'gap', from, to, missed, reason, base: then === 'go-on' ? to : base }));
    this.#cursor = to;
    if (then === 'go-on') return null;
    const refusedAgain = to !== null && to === from;
    const detail = refusedAgain
      ? `the cursor ${to} was refused, and it is the one to go on from`
      : then === 'stop'
        ? 'the server cannot go on from the cursor, and the dialect says to stop'
        : 'the server cannot go on from the cursor';
    if (then === 'stop' || refusedAgain) {
      return {
        do: 'end',
        end: endedSignal(evidence, { final: true, why: 'refused-by-server', by: 'server', detail, reason: 'gap' }),
      };
    }
    // a server that answers every cursor with a gap is not asked as fast as it can answer
    const again = memory.has(GAP_KEY);
    memory.set(GAP_KEY, 'yes');
    return {
      do: 'end',
      end: endedSignal(evidence, {
        announced: true,
        by: 'client',
        detail,
        reason: 'gap',
        ...(again ? {} : { atOnce: true }),
      }),
    };
  }

  #nextAfterGap(then: AfterGap, { oldest, newest }: JudgedGap, base: string | null): string | null {
    if (then === 'restart') return null;
    if (then === 'stop') return this.#cursor;
    if (then === 'go-on') return base ?? oldest ?? newest;
    return then === 'oldest' ? oldest : (base ?? null);
  }

  /** Between two numbers of one epoch, what lies between is known. */
  #missedBetween(from: string | null, base: string | null, epoch: string | null): number | null {
    if (!this.ids.dense || from === null || base === null) return null;
    if (epoch !== null && this.#isOtherEpoch(epoch)) return null;
    const [a, b] = [this.ids.read(from), this.ids.read(base)];
    if (!a || !b || a.epoch !== b.epoch || b.seq < a.seq) return null;
    return countOf(Number(b.seq - a.seq));
  }

  #isOtherEpoch(epoch: string): boolean {
    const known = this.#options.memory.get('epoch');
    return known !== undefined && known !== epoch;
  }

  /** The stream is over, and its terminal message has not come. */
  truncated(out: Sink): boolean {
    if (!this.judge.hasEnd || this.ended) return false;
    const message = 'The stream ended without its terminal message: what came is not the whole of it.';
    out.push(signal({ kind: 'notice', level: 'warn', code: 'truncated', message }));
    return true;
  }

  #unmatched(text: () => string, out: Sink): void {
    out.push(signal({ kind: 'unmatched' }));
    if (this.#once('unmatched')) return;
    const message = `No rule of the dialect takes this message: ${clipped(text())}`;
    const hint =
      'It is counted and ignored, and so are others like it. heartline dialects check FILE shows which rule takes what.';
    out.push(signal({ kind: 'notice', level: 'info', code: 'no-rule', message, hint }));
  }

  #idNotFound(text: () => string, at: string, out: Sink): void {
    if (this.#once('id-not-found')) return;
    const message = `There is no id at ${at} in this message: ${clipped(text())}`;
    out.push(
      signal({ kind: 'notice', level: 'warn', code: 'no-id', message, hint: 'Check the pointer of the rule’s id.' }),
    );
  }

  /** @returns whether it has been said before */
  #once(key: string): boolean {
    const { memory } = this.#options;
    if (memory.has(key)) return true;
    memory.set(key, 'yes');
    return false;
  }
}

const clipped = (text: string, length = SHOWN_LENGTH): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;
