import { DEFAULTS } from '../../../shared/defaults.ts';
import { wireSignal } from '../../client/connection/capture.ts';
import { get, networkAgent, redirectedTo, type ResponseHead } from '../../client/net/request.ts';
import { guarded, SignalQueue } from '../../client/connection/signal-queue.ts';
import { baseHeaders, userHeaderNames } from '../../client/connection/request-headers.ts';
import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { Timers } from '../../client/connection/timers.ts';
import { PollCore, type PollInput, type PollOutput } from './core.ts';
import type { PollStrategy } from './strategy.ts';

/** Carries out what the core decides, one GET after another on one kept connection. */
export function connectPolling(strategy: PollStrategy, ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings } = ctx;
  const core = new PollCore(strategy, ctx);
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  const agent = networkAgent(ctx.network, new URL(ctx.url).protocol === 'https:');
  const commonHeaders = baseHeaders(ctx, 'application/json, */*;q=0.5');
  let requests = 0;
  let abort = (): void => {};
  const outbox = new SignalQueue(() => {
    timers.clear();
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
  const send = (o: Extract<PollOutput, { out: 'request' }>): void => {
    let head: ResponseHead | null = null;
    const body: Buffer[] = [];
    let bytes = 0;
    let decodedBytes = 0;
    const stop = get({
      network: ctx.network,
      clock,
      agent,
      url: o.url,
      headers: { ...commonHeaders, ...o.headers },
      userHeaders: userHeaderNames(ctx),
      acceptEncoding: settings.acceptEncoding,
      onRequest(url, text) {
        requests++;
        const cursor = o.cursor === null ? {} : { cursor: o.cursor };
        const etag = o.etag === null ? {} : { etag: o.etag };
        outbox.push({ kind: 'request', id: requests, method: 'GET', url, ...cursor, ...etag });
        if (settings.wire) outbox.push(wireSignal('out', 'request', text));
      },
      onSent: () => step({ in: 'sent' }),
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
        if (over.ok) {
          step({
            in: 'response',
            status: head!.status,
            headers: head!.headers,
            body: head!.coding?.undo === null ? Buffer.alloc(0) : Buffer.concat(body),
            coding: head!.coding,
            complete: bytes,
            redirectedTo: redirectedTo(o.url, head!.url),
          });
        } else step({ in: 'lost', ...over });
      },
    });
    abort = stop;
    if (outbox.closed) stop();
  };
  ctx.network.onIdleEnd = () => {
    const message = 'The idle connection was closed between two polls; the next poll connects anew.';
    outbox.push({ kind: 'notice', level: 'info', code: 'idle-closed', message });
  };
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  step({ in: 'start' });
  return outbox;
}
