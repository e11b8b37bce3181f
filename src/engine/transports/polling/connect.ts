import { DEFAULTS } from '../../../shared/defaults.ts';
import { wire } from '../../client/capture.ts';
import { exchange, lineAgent, type Head } from '../../client/http.ts';
import { guarded, Outbox } from '../../client/outbox.ts';
import { baseHeaders, personalOf } from '../../client/requests.ts';
import type { ConnectContext, Signal } from '../../client/signal.ts';
import { Timers } from '../../client/timers.ts';
import { PollCore, type PollInput, type PollOutput, type Rhythm } from './core.ts';

/** Carries out what the core decides, one GET after another on one kept connection. */
export function connectPolling(rhythm: Rhythm, ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings } = ctx;
  const core = new PollCore(rhythm, ctx);
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  const agent = lineAgent(ctx.line, new URL(ctx.url).protocol === 'https:');
  const basic = baseHeaders(ctx, 'application/json, */*;q=0.5');
  let requests = 0;
  let abort = (): void => {};
  const outbox = new Outbox(() => {
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
      else if (o.out === 'ask') send(o);
      else outbox.push(o.signal.kind === 'response' ? { ...o.signal, id: requests } : o.signal);
    }
  };
  const send = (o: Extract<PollOutput, { out: 'ask' }>): void => {
    let head: Head | null = null;
    const body: Buffer[] = [];
    let bytes = 0;
    const stop = exchange({
      line: ctx.line,
      clock,
      agent,
      url: o.url,
      headers: { ...basic, ...o.headers },
      personal: personalOf(ctx),
      onRequest(url, text) {
        requests++;
        const cursor = o.cursor === null ? {} : { cursor: o.cursor };
        const etag = o.etag === null ? {} : { etag: o.etag };
        outbox.push({ kind: 'request', id: requests, method: 'GET', url, ...cursor, ...etag });
        if (settings.wire) outbox.push(wire('out', 'request', text));
      },
      onSent: () => step({ in: 'sent' }),
      onHead(h) {
        head = h;
        if (settings.wire) outbox.push(wire('in', 'response', h.text));
      },
      onBytes(chunk) {
        bytes += chunk.length;
        if (bytes > DEFAULTS.limits.answer) return step({ in: 'too-big' });
        body.push(chunk);
      },
      onOver(over) {
        if (over.ok) {
          step({
            in: 'answer',
            status: head!.status,
            headers: head!.headers,
            body: Buffer.concat(body),
            complete: bytes,
          });
        } else step({ in: 'lost', ...over });
      },
    });
    abort = stop;
    if (outbox.closed) stop();
  };
  ctx.line.onIdleEnd = () => {
    const message = 'The idle connection was closed between two polls; the next poll connects anew.';
    outbox.push({ kind: 'notice', level: 'info', code: 'idle-closed', message });
  };
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  step({ in: 'start' });
  return outbox;
}
