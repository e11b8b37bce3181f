import type { Method } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { wireSignal } from '../../client/connection/capture.ts';
import { exchange, networkAgent, redirectedTo, type ResponseHead } from '../../client/net/request.ts';
import { whenReady, type Attempt, type AttemptRequest } from '../../client/endpoint/attempt.ts';
import { noAttempt } from '../../client/connection/no-attempt.ts';
import { reportOnce } from '../../client/dialect/attempt.ts';
import { guarded, SignalQueue } from '../../client/connection/signal-queue.ts';
import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { Timers } from '../../client/connection/timers.ts';
import { PollCore, type PollInput, type PollOutput } from './core.ts';
import type { PollStrategy } from './strategy.ts';

const ACCEPT = 'application/json, */*;q=0.5';

/** A page of another origin: nothing that a person gave is for it. */
const withoutSecrets = (url: string): AttemptRequest => ({
  url,
  method: 'GET',
  headers: { accept: ACCEPT, 'user-agent': 'heartline' },
  body: null,
  userHeaders: [],
});

/** Carries out what the core decides, one request after another on one kept connection. */
export function connectPolling(method: Method, strategy: PollStrategy, ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings } = ctx;
  const core = new PollCore(strategy, { ...ctx, method });
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  const agent = networkAgent(ctx.network, new URL(ctx.url).protocol === 'https:', settings.keepAlive ?? true);
  let requests = 0;
  let abort = (): void => {};
  let cancelDeadline = (): void => {};
  const outbox = new SignalQueue(() => {
    timers.clear();
    cancelDeadline();
    abort();
    agent.destroy();
  });
  const step = (input: PollInput): void => guarded(outbox, () => run(core.step(input, clock.now())));
  const run = (outputs: PollOutput[]): void => {
    for (const o of outputs) {
      if (outbox.closed) return;
      if (o.out === 'arm') timers.arm(o.name, o.ms);
      else if (o.out === 'disarm') timers.disarm(o.name);
      else if (o.out === 'request') send(o);
      else outbox.push(o.signal.kind === 'response' ? { ...o.signal, id: requests } : o.signal);
    }
  };
  const send = (o: Extract<PollOutput, { out: 'request' }>): void =>
    whenReady(
      ctx.endpoint.attempt(),
      (attempt) => outbox.closed || sendWith(attempt, o),
      (error) => noAttempt(error).forEach((s) => outbox.push(s)),
    );
  const sendWith = (attempt: Attempt, o: Extract<PollOutput, { out: 'request' }>): void => {
    const plan = o.plan(attempt.values);
    reportOnce(plan.notice, ctx.memory, (s) => outbox.push(s));
    const request = o.foreign ? withoutSecrets(plan.url) : attempt.request(plan, ACCEPT, plan.cursor);
    const { url: asked, method: verb, headers, body: sent, userHeaders } = request;
    let head: ResponseHead | null = null;
    const body: Buffer[] = [];
    let bytes = 0;
    let decodedBytes = 0;
    const stop = exchange({
      network: ctx.network,
      clock,
      agent,
      url: asked,
      method: verb,
      headers,
      body: sent,
      userHeaders,
      cookieFor: (to) => (o.foreign ? null : ctx.endpoint.cookieFor(to)),
      onAnswer: (from, answer) => ctx.endpoint.answered(from, answer['set-cookie']),
      acceptEncoding: settings.acceptEncoding,
      onRequest(url, text) {
        requests++;
        const cursor = plan.cursor === null ? {} : { cursor: plan.cursor };
        const etag = plan.etag === null ? {} : { etag: plan.etag };
        outbox.push({ kind: 'request', id: requests, method: verb, url, ...cursor, ...etag });
        if (settings.wire) outbox.push(wireSignal('out', 'request', text));
      },
      onSent: () => step({ in: 'sent', method: verb }),
      onHead(h) {
        head = h;
        if (settings.wire) outbox.push(wireSignal('in', 'response', h.text));
      },
      onCoded: (chunk) => (bytes += chunk.length),
      onData(chunk) {
        decodedBytes += chunk.length;
        if (decodedBytes > DEFAULTS.limits.answer) return step({ in: 'too-big' });
        body.push(chunk);
      },
      onEnd(over) {
        cancelDeadline();
        if (over.ok) {
          step({
            in: 'response',
            status: head!.status,
            headers: head!.headers,
            body: head!.coding?.undo === null ? Buffer.alloc(0) : Buffer.concat(body),
            coding: head!.coding,
            complete: bytes,
            redirectedTo: redirectedTo(asked, head!.url),
          });
        } else step({ in: 'lost', ...over, staleIdle: over.staleIdle && ctx.endpoint.repeatable });
      },
    });
    abort = stop;
    if (outbox.closed) return stop();
    const { deadlineMs } = settings;
    if (deadlineMs === undefined) return;
    cancelDeadline = clock.after(deadlineMs, () => {
      stop();
      const detail = `the total deadline of ${deadlineMs / 1000} s for a poll was over`;
      step({ in: 'lost', evidence: 'deadline', detail, staleIdle: false });
    });
  };
  ctx.network.onIdleEnd = () => {
    const message = 'The idle connection was closed between two polls; the next poll connects anew.';
    outbox.push({ kind: 'notice', level: 'info', code: 'idle-closed', message });
  };
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  step({ in: 'start' });
  return outbox;
}
