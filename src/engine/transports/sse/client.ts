import type { ConnectContext, Signal } from '../../client/signal.ts';
import { wire } from '../../client/capture.ts';
import type { Output } from '../../client/core.ts';
import { exchange, lineAgent } from '../../client/http.ts';
import { guarded, Outbox } from '../../client/outbox.ts';
import { ask, baseHeaders, personalOf, tellUnsaid } from '../../client/requests.ts';
import { Timers } from '../../client/timers.ts';
import { SseCore, type SseInput } from './core.ts';

/** Carries out what the core decides, on one GET. */
export function connect(ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings, dialect } = ctx;
  const core = new SseCore({ dialect, settings, cursor: ctx.cursor });
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  const agent = lineAgent(ctx.line, new URL(ctx.url).protocol === 'https:');
  let abort = (): void => {};
  let requests = 0;
  let asked = 0;
  let status = 0;
  let bytes = 0;
  const outbox = new Outbox(() => {
    timers.clear();
    abort();
    agent.destroy();
  });
  const tellResponse = (): void => {
    if (status === 0) return;
    const took = Math.round(clock.now() - asked);
    outbox.push({ kind: 'response', id: requests, status, bytes, took, empty: status === 204 });
    status = 0;
  };
  const step = (input: SseInput): void => guarded(outbox, () => run(core.step(input, clock.now())));
  const run = (outputs: Output[]): void => {
    for (const o of outputs) {
      if (o.out === 'arm') timers.arm(o.name, o.ms);
      else if (o.out === 'disarm') timers.disarm(o.name);
      else {
        if (o.signal.kind === 'ended') tellResponse();
        outbox.push(o.signal);
      }
    }
  };

  // on a resume as a browser does it; a chosen start goes where the endpoint looks for one
  const asBrowser = ctx.resume || dialect.sse.ask.in === 'none';
  const asking = ask(asBrowser ? { in: 'header', name: 'Last-Event-ID' } : dialect.sse.ask, ctx.url, ctx.cursor);
  const headers = { ...baseHeaders(ctx, 'text/event-stream'), ...asking.headers };
  headers['cache-control'] ??= 'no-cache';
  tellUnsaid(asking, ctx.memory, (s) => outbox.push(s));
  abort = exchange({
    line: ctx.line,
    clock,
    agent,
    url: asking.url,
    headers,
    personal: personalOf(ctx),
    onRequest(sent, head) {
      requests++;
      asked = clock.now();
      const cursor = ctx.cursor === null || asking.unsaid ? {} : { cursor: ctx.cursor };
      outbox.push({ kind: 'request', id: requests, method: 'GET', url: sent, ...cursor });
      if (settings.wire) outbox.push(wire('out', 'request', head));
      step({ in: 'asked' });
    },
    onHead(head) {
      status = head.status;
      if (settings.wire) outbox.push(wire('in', 'response', head.text));
      step({ in: 'head', status: head.status, headers: head.headers });
    },
    onBytes(chunk) {
      bytes += chunk.length;
      step({ in: 'bytes', chunk });
    },
    onOver(over) {
      if (over.ok) step({ in: 'over', evidence: over.byFin ? 'fin' : 'clean-end' });
      else step({ in: 'over', evidence: over.evidence, detail: over.detail });
    },
  });
  if (outbox.closed) abort();
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  return outbox;
}
