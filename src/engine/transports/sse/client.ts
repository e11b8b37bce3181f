import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { wireSignal } from '../../client/connection/capture.ts';
import type { Output } from '../../client/connection/output.ts';
import { get, networkAgent, redirectedTo } from '../../client/net/request.ts';
import { guarded, SignalQueue } from '../../client/connection/signal-queue.ts';
import {
  placeCursor,
  baseHeaders,
  userHeaderNames,
  reportOmittedCursor,
} from '../../client/connection/request-headers.ts';
import { Timers } from '../../client/connection/timers.ts';
import { SseCore, type SseInput } from './core.ts';

/** Carries out what the core decides, on one GET. */
export function connect(ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings, dialect } = ctx;
  const core = new SseCore({ dialect, settings, cursor: ctx.cursor });
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

  const { ask, resume = ask } = dialect.sse;
  const target = placeCursor(ctx.resume ? resume : ask, ctx.url, ctx.cursor);
  const headers = { ...baseHeaders(ctx, 'text/event-stream'), ...target.headers };
  headers['cache-control'] ??= 'no-cache';
  reportOmittedCursor(target, ctx.memory, (s) => outbox.push(s));
  abort = get({
    network: ctx.network,
    clock,
    agent,
    url: target.url,
    headers,
    userHeaders: userHeaderNames(ctx),
    acceptEncoding: settings.acceptEncoding,
    onRequest(sent, head) {
      requests++;
      requestedAt = clock.now();
      const cursor = target.cursor === null ? {} : { cursor: target.cursor };
      outbox.push({ kind: 'request', id: requests, method: 'GET', url: sent, ...cursor });
      if (settings.wire) outbox.push(wireSignal('out', 'request', head));
      step({ in: 'request' });
    },
    onHead(head) {
      status = head.status;
      if (settings.wire) outbox.push(wireSignal('in', 'response', head.text));
      const away = redirectedTo(target.url, head.url);
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
  if (outbox.closed) abort();
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  return outbox;
}
