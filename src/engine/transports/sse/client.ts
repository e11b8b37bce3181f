import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { wireSignal } from '../../client/connection/capture.ts';
import type { Output } from '../../client/connection/output.ts';
import { exchange, networkAgent, redirectedTo } from '../../client/net/request.ts';
import { whenReady, type Attempt } from '../../client/endpoint/attempt.ts';
import { noAttempt } from '../../client/connection/no-attempt.ts';
import { guarded, SignalQueue } from '../../client/connection/signal-queue.ts';
import { methodOf, type Framing } from '../../../shared/dialect/model.ts';
import { planAttempt, reportOnce } from '../../client/dialect/attempt.ts';
import { IdReader } from '../../client/dialect/ids.ts';
import { Timers } from '../../client/connection/timers.ts';
import { SseCore, type SseInput } from './core.ts';

/** What is accepted where the stream is no event stream. */
const ACCEPT: Partial<Record<Framing, string>> = {
  ndjson: 'application/x-ndjson, application/json;q=0.9, */*;q=0.5',
  'json-seq': 'application/json-seq, application/json;q=0.9, */*;q=0.5',
  lines: '*/*',
};

/** Carries out what the core decides, on one request. */
export function connect(ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings, dialect } = ctx;
  const { cursor, resume, memory } = ctx;
  const ids = new IdReader(dialect.ids);
  const core = new SseCore({ dialect, settings, cursor, memory });
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  const agent = networkAgent(ctx.network, new URL(ctx.url).protocol === 'https:');
  let abort = (): void => {};
  let requests = 0;
  let requestedAt = 0;
  let status = 0;
  let bytes = 0;
  const outbox = new SignalQueue(() => {
    timers.clear();
    abort();
    agent.destroy();
  });
  const reportResponse = (): void => {
    if (status === 0) return;
    const took = Math.round(clock.now() - requestedAt);
    outbox.push({ kind: 'response', id: requests, status, bytes, took, empty: status === 204 });
    status = 0;
  };
  const step = (input: SseInput): void => guarded(outbox, () => run(core.step(input, clock.now())));
  const run = (outputs: Output[]): void => {
    for (const o of outputs) {
      if (o.out === 'arm') timers.arm(o.name, o.ms);
      else if (o.out === 'disarm') timers.disarm(o.name);
      else {
        if (o.signal.kind === 'ended') reportResponse();
        outbox.push(o.signal);
      }
    }
  };

  const isClosed = (): boolean => outbox.closed;
  const send = (attempt: Attempt): void => {
    if (isClosed()) return;
    const epoch = memory.get('epoch') ?? ctx.epoch;
    const { values } = attempt;
    const target = planAttempt({ dialect, method: 'sse', url: ctx.url, cursor, resume, epoch, values, ids });
    reportOnce(target.notice, memory, (s) => outbox.push(s));
    const request = attempt.request(
      target,
      ACCEPT[methodOf(dialect, 'sse').framing] ?? 'text/event-stream',
      target.cursor,
    );
    const { url, method, body, userHeaders } = request;
    const headers = { ...request.headers };
    if (method === 'GET') headers['cache-control'] ??= 'no-cache';
    abort = exchange({
      network: ctx.network,
      clock,
      agent,
      url,
      method,
      headers,
      body,
      userHeaders,
      cookieFor: (to) => ctx.endpoint.cookieFor(to),
      onAnswer: (from, answer) => ctx.endpoint.answered(from, answer['set-cookie']),
      acceptEncoding: settings.acceptEncoding,
      onRequest(sent, head) {
        requests++;
        requestedAt = clock.now();
        const from = target.cursor === null ? {} : { cursor: target.cursor };
        outbox.push({ kind: 'request', id: requests, method, url: sent, ...from });
        if (settings.wire) outbox.push(wireSignal('out', 'request', head));
        step({ in: 'request', method });
      },
      onHead(head) {
        status = head.status;
        if (settings.wire) outbox.push(wireSignal('in', 'response', head.text));
        const away = redirectedTo(url, head.url);
        step({ in: 'head', status: head.status, headers: head.headers, redirectedTo: away, coding: head.coding });
      },
      onCoded(chunk) {
        bytes += chunk.length;
        step({ in: 'coded', chunk });
      },
      onData(chunk) {
        step({ in: 'bytes', chunk });
        return outbox.room();
      },
      onEnd(end) {
        if (end.ok) step({ in: 'end', evidence: end.byFin ? 'fin' : 'clean-end' });
        else step({ in: 'end', evidence: end.evidence, detail: end.detail });
      },
    });
    if (isClosed()) abort();
  };
  whenReady(ctx.endpoint.attempt(), send, (error) => noAttempt(error).forEach((s) => outbox.push(s)));
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  return outbox;
}
